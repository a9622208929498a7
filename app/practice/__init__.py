"""Practice data: invented places, visits and drawn photos for training, pictures and benchmarks."""
