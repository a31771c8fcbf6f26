"""GStreamer's RTSP server with one recording, played in real time to each client.

A script for Debian's own python3, which has `gi`; tests start it as a process:
    /usr/bin/python3 rtsp_server.py FILE.mp4 --codec h264 --path /river [--port N]
        [--auth digest --user NAME --password WORD]
It prints its port when it listens, and `playing` whenever the recording begins for a client.
"""

import argparse

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

_ROLE = "viewer"
_METHODS = {"basic": GstRtsp.RTSPAuthMethod.BASIC, "digest": GstRtsp.RTSPAuthMethod.DIGEST}


def serve(options: argparse.Namespace) -> None:
    """Listen until killed."""
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(options.port))
    factory = _factory(options)
    if options.auth:
        server.set_auth(_auth(options))
        _allow_viewers(factory)
    server.get_mount_points().add_factory(options.path, factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


def _factory(options: argparse.Namespace) -> GstRtspServer.RTSPMediaFactory:
    factory = GstRtspServer.RTSPMediaFactory()
    # Parameter sets once, in the SDP, or with every key frame: cameras do either.
    interval = -1 if options.sets_in_band else 0
    codec = options.codec
    factory.set_launch(
        f'( filesrc location="{options.file}" ! qtdemux ! {codec}parse'
        f" ! rtp{codec}pay config-interval={interval} name=pay0 pt=96 )"
    )
    factory.connect("media-configure", _tell_when_playing)
    return factory


def _tell_when_playing(_factory, media: GstRtspServer.RTSPMedia) -> None:
    def tell(_media, state: Gst.State) -> None:
        if state == Gst.State.PLAYING:
            print("playing", flush=True)

    media.connect("new-state", tell)


def _auth(options: argparse.Namespace) -> GstRtspServer.RTSPAuth:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", _ROLE)
    auth.set_supported_methods(_METHODS[options.auth])
    if options.auth == "basic":
        basic = GstRtspServer.RTSPAuth.make_basic(options.user, options.password)
        auth.add_basic(basic, token)
    else:
        auth.add_digest(options.user, options.password, token)
    return auth


def _allow_viewers(factory: GstRtspServer.RTSPMediaFactory) -> None:
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role(_ROLE, "media.factory.access", True)
    permissions.add_permission_for_role(_ROLE, "media.factory.construct", True)
    factory.set_permissions(permissions)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--codec", choices=("h264", "h265"), default="h264")
    parser.add_argument("--path", default="/river")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--auth", choices=tuple(_METHODS))
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--sets-in-band", action="store_true")
    serve(parser.parse_args())
