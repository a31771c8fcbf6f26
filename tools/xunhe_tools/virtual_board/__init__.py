"""A buoy's board on the technician's desk without the board: behind one terminal that goes where a
serial port goes.

What answers there is what would answer on the real one: the ROM bootloader (Espressif's protocol,
esp32-mock-bootloader in a process of its own), real MicroPython with littlefs on a file, and the
firmware once it was flashed.
"""
