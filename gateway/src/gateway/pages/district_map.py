"""The folium map of the district: our own assets, our own outlines, and a tile service only when one is configured.

folium draws an empty map; the module `site_layer.js` then fetches the sites of the part that is looked at. So the
page has the same size whether there are twelve sites or a hundred thousand.
"""

from typing import Any
from urllib.parse import urlsplit

import folium
from branca.element import Figure, MacroElement
from flask import g, url_for
from folium.plugins import MarkerCluster
from folium.template import Template

from gateway.config import GatewayConfig

LEAFLET = "vendor/leaflet-1.9.4/"
CLUSTERS = "vendor/leaflet.markercluster-1.5.3/"
SCRIPTS = (LEAFLET + "leaflet.js", CLUSTERS + "leaflet.markercluster.js")
STYLES = (LEAFLET + "leaflet.css", CLUSTERS + "MarkerCluster.css")
CENTRE = (36.60, 118.02)
ZOOM = 10
ZOOM_MIN = 8
ZOOM_MAX = 17


class SiteLayer(MacroElement):
    """Hands the drawn map to our module, which fetches and draws the sites."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        import({{ this.module|tojson }}).then((layer) => layer.start(
            {{ this._parent.get_name() }}, {{ this.clusters.get_name() }}, {{ this.settings|tojson }}));
        {% endmacro %}
        """
    )

    def __init__(self, *, module: str, clusters: MarkerCluster, settings: dict[str, Any]) -> None:
        super().__init__()
        self._name = "SiteLayer"
        self.module = module
        self.clusters = clusters
        self.settings = settings


def draw(config: GatewayConfig, *, settings: dict[str, Any], module: str = "site_layer") -> dict[str, str]:
    """Return the map's HTML and its script; `settings` goes to the module, which draws on it.

    The script is inline and needs the page's nonce; SCRIPTS and STYLES have to stand on the page.
    """
    drawn = folium.Map(location=CENTRE, zoom_start=ZOOM, tiles=None, zoom_control=False, control_scale=True)
    drawn.default_js = []
    drawn.default_css = []
    drawn.options.update(min_zoom=ZOOM_MIN, max_zoom=ZOOM_MAX, zoom_snap=0.5)
    if config.tile_url:
        attribution = config.tile_attribution + (f" {config.tile_review_number}" if config.tile_review_number else "")
        # Tianditu draws names as a layer of their own; a WMTS is an address with TILEMATRIX={z} and the rest in it.
        layers = [url for url in (config.tile_url, config.tile_labels_url) if url]
        g.image_hosts = sorted({_host(url) for url in layers})
        for url in layers:
            folium.TileLayer(
                tiles=url, attr=attribution, max_zoom=ZOOM_MAX, control=False, subdomains=config.tile_subdomains
            ).add_to(drawn)
    clusters = MarkerCluster(control=False, options={"showCoverageOnHover": False, "maxClusterRadius": 45})
    clusters.default_js = []
    clusters.default_css = []
    clusters.add_to(drawn)
    address = url_for("static", filename=f"modules/{module}.js")
    SiteLayer(module=address, clusters=clusters, settings=settings).add_to(drawn)
    figure = drawn.get_root()
    assert isinstance(figure, Figure)
    for child in list(figure._children.values()):
        child.render()
    return {"html": figure.html.render(), "script": figure.script.render()}


def _host(tile_url: str) -> str:
    """Return the origin that tiles come from, for the page's policy: https://t{s}.example.cn → https://*.example.cn."""
    parts = urlsplit(tile_url)
    first, _dot, rest = parts.netloc.partition(".")
    return f"{parts.scheme}://*.{rest}" if "{" in first else f"{parts.scheme}://{parts.netloc}"
