/** A small map to say where something lies: move the map under the cross. Works without tiles. */

/** @param {string} address */
function script(address) {
  return new Promise((settle, fail) => {
    const element = document.createElement("script");
    element.src = address;
    element.onload = () => settle(undefined);
    element.onerror = fail;
    document.head.append(element);
  });
}

/** @param {string} address */
function style(address) {
  return new Promise((settle, fail) => {
    const element = document.createElement("link");
    element.rel = "stylesheet";
    element.href = address;
    element.onload = () => settle(undefined);
    element.onerror = fail;
    document.head.append(element);
  });
}

/**
 * Draw the map into `box`, whose data says where (`data-lon`, `data-lat`, `data-accuracy`), with which tiles, and
 * where Leaflet is. Gives a function that tells the position under the cross.
 * @param {HTMLElement} box
 * @param {{longitude: number, latitude: number} | null} here
 */
export async function pinMap(box, here) {
  await style(box.dataset.leafletCss ?? "");
  await script(box.dataset.leafletJs ?? "");
  const lat = Number(box.dataset.lat);
  const lon = Number(box.dataset.lon);
  const accuracy = Number(box.dataset.accuracy);
  const zoom = !here && accuracy > 500 ? 14 : 16;
  const map = L.map(box).setView([here?.latitude ?? lat, here?.longitude ?? lon], zoom);
  map.attributionControl.setPrefix(false);
  if (box.dataset.tiles) L.tileLayer(box.dataset.tiles, { maxZoom: 19, attribution: "© OpenStreetMap" }).addTo(map);
  fetch("/api/units")
    .then((response) => response.json())
    .then((units) => L.geoJSON(units, { style: { color: "#3C4D44", weight: 2, fill: false }, interactive: false }).addTo(map))
    .catch(() => {});
  if (accuracy > 0) L.circle([lat, lon], { radius: accuracy, color: "#12211A", weight: 1.5, dashArray: "5 5", fill: false, interactive: false }).addTo(map);
  if (here) L.circleMarker([here.latitude, here.longitude], { radius: 7, color: "#0A47B8" }).addTo(map);
  const cross = document.createElement("div");
  cross.className = "cross";
  cross.append(document.createElement("i"), document.createElement("i"));
  box.append(cross);
  return () => ({ lon: map.getCenter().lng, lat: map.getCenter().lat });
}
