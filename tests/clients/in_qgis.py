"""Runs inside QGIS's own Python, without a screen: opens layers as asked on stdin, prints what QGIS makes of them.

    {"source": "…", "provider": "OAPIF", "rectangle": [west, south, east, north], "subset": "…", "rows": true,
     "legend": true, "login": ["taluy", "secret"]}

For each such line one line of JSON. `{login}` in a source stands for the id of the credentials.
"""

import json
import sys
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsAuthMethodConfig,
    QgsFeatureRequest,
    QgsRectangle,
    QgsRenderContext,
    QgsVectorLayer,
)


def plain(value):
    """A value of a column as JSON holds it."""
    if value is None or (hasattr(value, "isNull") and value.isNull()):
        return None
    if hasattr(value, "toString") and not isinstance(value, str):
        return value.toString(1)  # Qt.ISODate
    return value


def opened(ask):
    """The layer, and what was said meanwhile."""
    said = []
    log = QgsApplication.messageLog()
    told = lambda text, tag, _level: said.append(f"{tag}: {text}")  # noqa: E731 - to be taken off again
    log.messageReceived.connect(told)
    source = ask["source"]
    if "login" in ask:
        source = source.replace("{login}", credentials(*ask["login"]))
    layer = QgsVectorLayer(source, "layer", ask["provider"])
    return layer, said, told


def credentials(name, secret):
    """Keep a name and a password as QGIS does, and give their id."""
    manager = QgsApplication.authManager()
    config = QgsAuthMethodConfig("Basic")
    config.setName(f"{name} {secret[:8]}")
    config.setConfig("username", name)
    config.setConfig("password", secret)
    assert manager.storeAuthenticationConfig(config)
    return config.id()


def legend(layer, features):
    """The lines of a layer's legend with their conditions, and how many features get a symbol."""
    renderer, context = layer.renderer(), QgsRenderContext()
    renderer.startRender(context, layer.fields())
    drawn = 0
    for each in features:
        context.expressionContext().setFeature(each)
        drawn += renderer.willRenderFeature(each, context)
    renderer.stopRender(context)
    rules = renderer.rootRule().descendants() if renderer.type() == "RuleRenderer" else []
    lines = [[rule.label(), rule.filterExpression()] for rule in rules if rule.label()]
    return {"type": renderer.type(), "lines": lines, "drawn": drawn}


def answer(ask):
    """What QGIS makes of one layer."""
    layer, said, told = opened(ask)
    found = {"valid": layer.isValid(), "said": said}
    if layer.isValid():
        if ask.get("subset"):
            found["subset"] = layer.setSubsetString(ask["subset"])
        request = QgsFeatureRequest()
        if "rectangle" in ask:
            request.setFilterRect(QgsRectangle(*ask["rectangle"]))
        features = list(layer.getFeatures(request))
        found |= {
            "provider": layer.dataProvider().name(),
            "counted": layer.featureCount(),
            "crs": layer.crs().description(),
            "fields": {field.name(): field.typeName() for field in layer.fields()},
            "read": len(features),
            "editable": bool(layer.dataProvider().capabilities() & layer.dataProvider().EditingCapabilities),
        }
        if ask.get("legend"):
            found["legend"] = legend(layer, features)
        if ask.get("rows"):
            names = [field.name() for field in layer.fields()]
            found["rows"] = [
                {
                    **dict(zip(names, map(plain, each.attributes()), strict=True)),
                    "_wkt": each.geometry().asWkt(7),
                }
                for each in features
            ]
    QgsApplication.processEvents()
    QgsApplication.messageLog().messageReceived.disconnect(told)
    return found


def main():
    """Answer every line."""
    profile = Path(sys.argv[1])
    app = QgsApplication([], False, str(profile))  # noqa: FBT003 - without windows
    app.initQgis()
    manager = QgsApplication.authManager()
    assert manager.setMasterPassword("in a test", True)  # noqa: FBT003 - and kept for this run
    for line in sys.stdin:
        sys.stdout.write(f"ANSWER {json.dumps(answer(json.loads(line)))}\n")
        sys.stdout.flush()
    app.exitQgis()


main()
