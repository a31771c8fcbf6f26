"""DJI subtitles (SRT) that hold a drone's telemetry, in all dialects that are known.

No document of DJI's describes them; what stands here is what files show:

    bracketed   [latitude: 3.4] [longitude: -3.3] [rel_alt: 1.2 abs_alt: 80.1]
                [gb_yaw: … gb_pitch: … gb_roll: …], also `longtitude` and,
                above sea, `[altitude: …]`; some have no line with `-->`
    home        HOME(lon,lat) 2017.08.05 14:11:51 / GPS(lon,lat,satellites) BAROMETER:1.9 or Hb:1.9
    letters     F/2.8, SS 30, …, GPS (lon, lat, satellites), D 221m, H 200m,
                G.PRY (pitch, roll, yaw)

`N/A` is a value that the drone did not have. Times are local and without a zone.
"""
