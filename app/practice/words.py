"""What the practice set says, in the Vietnamese of field notes; every name is plainly made up."""

from collections.abc import Mapping, Sequence
from typing import Final

SITE_NAMES: Final[Mapping[str, Sequence[str]]] = {
    "slide": (
        "mái taluy đường Số 1",
        "taluy dương hẻm Mẫu 2",
        "sườn dốc khu Ví Dụ A",
        "tường chắn dốc Giả Định",
        "taluy âm đường Số 5",
        "mái taluy sau nhà văn hóa Mẫu",
        "mái taluy đường Số 7",
        "sườn dốc đồi Ví Dụ",
        "vị trí khu Ví Dụ B, chưa rõ chỗ",
        "taluy dương hẻm Mẫu 10",
        "kè đá đường Số 11",
        "mái taluy vườn cà phê Mẫu",
        "sườn dốc cuối hẻm Mẫu 13",
        "taluy âm đường Số 14",
        "tường chắn trường Mẫu",
        "mái taluy dốc Thử Nghiệm",
        "taluy dương đường Số 17",
        "vị trí khu Ví Dụ C, chưa rõ chỗ",
        "sườn dốc trên nhà kính Mẫu",
        "taluy âm hẻm Mẫu 20",
        "mái taluy khu Ví Dụ D",
        "tường chắn đường Số 22",
        "sườn dốc đầu suối Giả Định",
        "taluy dương đường Số 24",
        "mái taluy hẻm Mẫu 25",
        "kè đá dốc Tưởng Tượng",
        "vị trí khu Ví Dụ E, chưa rõ chỗ",
        "taluy âm đường Số 28",
        "sườn dốc rừng thông Mẫu",
        "mái taluy đường Số 30, đã gia cố",
    ),
    "flood": (
        "31: điểm ngập ngã ba Mẫu",
        "32: điểm ngập cuối đường Số 3",
        "33: điểm ngập hẻm Ví Dụ",
        "34: điểm ngập cống suối Giả Định",
        "35: điểm ngập chân dốc Thử Nghiệm",
        "36: điểm ngập đường Số 9",
    ),
    "drowning": (
        "37: đoạn suối Ví Dụ, khúc 1",
        "38: đoạn suối Ví Dụ, khúc 2",
        "39: hồ lắng suối Giả Định",
        "40: đoạn suối Tưởng Tượng",
    ),
}

LOCATION_NOTES: Final[Mapping[str, str]] = {
    "surveyed": "Đo tại chỗ bằng điện thoại (bịa).",
    "approximate": "Đọc trên bản đồ, chưa đo tại chỗ (bịa).",
    "inferred": "Suy đoán theo lời kể của tổ dân phố (bịa).",
    "unlocated": "Mới có tin báo, chưa ai tới nơi. Điểm đặt tạm ở tâm Phường 6 (bịa).",
}

RATING_REASONS: Final[Mapping[str | None, Sequence[str]]] = {
    "very_high": (
        "Mái dốc trên 60°, vết nứt ở đỉnh, nhà ngay dưới chân (bịa).",
        "Đã sạt hai lần trong ba năm, còn hộ ở sát chân taluy (bịa).",
    ),
    "high": (
        "Đất đỏ phong hóa dày, có nước rỉ giữa mái (bịa).",
        "Tường chắn nghiêng, mương đỉnh không thoát kịp (bịa).",
        "Taluy cao khoảng 12 m, chưa có lớp phủ (bịa).",
    ),
    "medium": (
        "Mái dốc có cỏ, vết nứt cũ không rộng thêm (bịa).",
        "Taluy cao khoảng 6 m, nhà cách chân 10 m (bịa).",
    ),
    "low": ("Mái thấp, có tường chắn còn tốt (bịa).", "Xa nhà ở, chỉ ảnh hưởng lối đi (bịa)."),
}

RESPONSIBLE: Final = (
    "UBND phường luyện tập",
    "Tổ xung kích luyện tập",
    "Tổ dân phố Mẫu 3",
    "Đội thoát nước luyện tập",
)

MEASURE_NOTES: Final[Mapping[str, Sequence[str]]] = {
    "slope_tarpaulin": ("Phủ hai lớp, chèn bao đất ở mép trên.", "Phủ bạt từ đỉnh xuống chân mái."),
    "sandbags": ("Xếp ba hàng bao cát dọc lề.", "Đắp bao chặn nước vào nhà dân."),
    "stakes": ("Đóng cọc gỗ dài 2,5 m, hàng đôi.",),
    "unblock_drains": ("Khôi thông họng thu nước và mương dọc.",),
    "clear_brush": ("Phát quang cây bụi che mái taluy.",),
    "reinforce": ("Đề xuất tường chắn bê tông, chờ khảo sát.",),
    "move_people": ("Di dời hộ sát chân mái trong mùa mưa.",),
    "check_works": ("Kiểm tra việc san gạt phía trên mái.",),
    "inform_people": ("Tuyên truyền dấu hiệu sạt lở tới từng hộ.",),
    "dredge_stream": ("Nạo vét trước mùa mưa, phối hợp phường bên.",),
}

ITEM_NOTES: Final[Mapping[str, Sequence[str]]] = {
    "fallen_material": (
        "Đất đỏ rơi xuống mép đường, đã đặt cọc tiêu.",
        "Vài hòn đá bằng nắm tay nằm dưới chân mái.",
        "Đất sạt một vạt nhỏ gần đỉnh, chưa tới nhà dân.",
    ),
    "sounds_or_shaking": ("Nghe tiếng nứt phía trên, đã cho mọi người rời đi ngay.",),
    "crack_change": (
        "Vết nứt ở đỉnh mái rộng thêm, đã căng dây không cho qua.",
        "Có vết nứt mới dài khoảng 4 m song song mép taluy.",
    ),
    "crack_gauge_mm": (
        "Đo hai lần, số như nhau. Mốc còn chắc.",
        "Mốc V1 giãn thêm sau mấy ngày mưa liền.",
    ),
    "structure_bulge": ("Tường phình ở giữa, gạch chưa rơi.",),
    "water_change": (
        "Nước rỉ thêm một chỗ ở lưng chừng mái, còn trong.",
        "Nước rỉ nhiều hơn lần trước, chân mái ướt sũng.",
    ),
    "tilted_objects": ("Hai cây thông nghiêng về phía đường.",),
    "building_distress": ("Tường nhà bếp có vết nứt chân chim mới, chủ nhà nói cửa hơi kẹt.",),
    "drain_state": (
        "Mương đỉnh đầy lá thông, nước tràn một đoạn.",
        "Rãnh dọc tắc vì đất trôi, cần dọn trong tuần.",
    ),
    "cover_state": ("Bạt rách khoảng nửa mét ở mép trái.", "Lớp cỏ bị xói thành rãnh."),
    "toe_cut": ("Có người đào chân taluy để mở lối, đã nhắc dừng.",),
    "water_now": ("Nước ngập mặt đường, xe máy chết máy hai chiếc.",),
    "depth_cm": (
        "Đọc ở thước bên cột điện, mép sóng lấy giữa.",
        "Nước lên nhanh trong nửa giờ rồi rút dần.",
    ),
    "flow": ("Nước chảy xiết về phía cống, không cho ai lội qua.",),
    "culvert_state": (
        "Cống tắc rác và cành cây, đã gọi đội thoát nước.",
        "Họng thu bị lá và bao ni lông che quá nửa.",
    ),
    "rubbish": ("Rác và bao phân bón dồn về từ đầu suối.",),
    "high_water_mark_cm": ("Ngấn bùn trên tường cao hơn lần trước.",),
    "duration_h": ("Theo người dân, ngập từ chiều tới tối.",),
    "houses_flooded": ("Nước vào nhà đầu hẻm khoảng một gang tay.",),
    "people_at_water": ("Có trẻ em chơi ở mép nước, đã nhắc và đưa lên bờ.",),
    "water_level": ("Nước cao và đục hơn thường ngày.",),
    "bank_state": ("Bờ bị hàm ếch khoảng 3 m, chưa sạt.",),
    "barrier_state": ("Rào gãy hai thanh, buộc tạm bằng dây.",),
    "rescue_kit": ("Phao cứu còn, thiếu dây.",),
    "hidden_hazard": ("Có cọc sắt dưới nước gần bờ phải.",),
    "sign_visible": ("Biển bị cây che khi đi từ phía cầu.",),
    "surface_speed_mps": ("Thả que trên 10 m, đo ba lần lấy số giữa.",),
    "present": ("Không còn thấy biển, chỉ còn chân cột.",),
    "legible": ("Chữ mờ, đứng 5 m mới đọc được.",),
    "upright": ("Biển nghiêng, đất quanh chân cột lỏng.",),
    "hidden": ("Cây bụi che nửa biển, đã phát tạm.",),
    "content_ok": ("Biển còn ghi tên phường cũ.",),
    "torn": ("Bạt rách một đường dọc, đã lấy bao đất chèn tạm.",),
    "water_under": ("Nước luồn dưới bạt ở mép trên.",),
    "edge_fixed": ("Dây neo góc phải lỏng, gió hất mép bạt.",),
    "bags_burst": ("Nhiều bao vỡ ở hàng trên cùng.",),
    "stakes_tilted": ("Cọc đầu hàng nghiêng về phía đường.",),
    "uv_brittle": ("Bạt bạc màu, bóp vào là giòn.",),
    "in_place": ("Bạt chỉ còn phủ nửa trên.",),
    "ponding": ("Nước đọng giữa tấm bạt.",),
}

QUIET_NOTES: Final = (
    "Như lần trước.",
    "Đã hỏi nhà bên cạnh, không thấy gì lạ.",
    "Trời khô, đi hết chân mái.",
    "Chụp từ điểm sơn vàng như mọi lần.",
    "Mốc đo còn chắc.",
    "Sương mù tan lúc 8 giờ mới xem được.",
)
UNSEEN_NOTES: Final = ("Sương mù dày, đứng từ xa không thấy mái.", "Đường vào ngập bùn, không tới gần được.")
LOWERED_NOTE: Final = "Đã xem kỹ cùng tổ trưởng tổ dân phố: dấu hiệu cũ, không phải mới."
RAISED_NOTE: Final = "Chưa có dấu hiệu rõ nhưng đất mềm hơn hẳn, ghi xấu hơn để theo dõi."
