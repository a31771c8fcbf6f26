"""The virtual board: its line, its ROM and its processor, carried by one thread.

What hands do to the board is done by that thread as well: it waits on files that they close.
"""

import queue
import select
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType

from xunhe_tools.virtual_board.processor import BOOTLOADER, Hardware, Processor
from xunhe_tools.virtual_board.rom import Rom, RomError
from xunhe_tools.virtual_board.usb_line import Cut, UsbLine

_WATCHDOG_S = 0.25  # 2000 cycles of the slow clock, as esptool arms it, and some more
_TICK_S = 0.02  # to see a port being opened, an exit, a watchdog


class VirtualBoard:
    """A board on a desk: `port` is where its serial port is.

    A board without an image waits in its ROM bootloader. The image it was given is remembered in
    its folder, like everything on its flash.
    """

    def __init__(self, port: Path, hardware: Hardware, chip: str = "esp32s3") -> None:
        self.port, self.hardware = port, hardware
        self._chip = chip
        self._line = UsbLine(port)
        self._processor = Processor(hardware)
        self._rom: Rom | None = None
        self._bites_s: float | None = None  # when the armed watchdog resets the chip
        self._cut = Cut.LINE
        self._hands: queue.SimpleQueue[tuple[Callable[[], None], Future[None]]] = (
            queue.SimpleQueue()
        )
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        hardware.folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "VirtualBoard":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Power and cable in."""
        self.plug_in()
        self._thread.start()

    def close(self) -> None:
        """Everything off; the flash stays."""
        self._stopping.set()
        self._thread.join()
        self._pull(Cut.POWER)

    # -- what hands can do to a board

    def give_image(self) -> None:
        """As if MicroPython had been written to it before."""
        self._image_mark.touch()

    def cut_after(self, size: int | None, cut: Cut = Cut.LINE) -> None:
        """Pull the cable when the technician's computer has sent so many more bytes."""
        self._let(lambda: self._arm(size, cut))

    def plug_in(self) -> None:
        """The cable back in; a board without power starts."""
        self._let(self._plug_in)

    def pull(self, cut: Cut = Cut.LINE) -> None:
        """The cable out."""
        self._let(lambda: self._pull(cut))

    def power_cycle(self) -> None:
        """Off and on, the cable stays."""
        self._let(self._turn_off_and_on)

    @property
    def is_plugged_in(self) -> bool:
        return self._line.is_plugged_in

    @property
    def received(self) -> int:
        """Bytes that the technician's computer has sent since the board exists."""
        return self._line.received

    @property
    def starts(self) -> int:
        """How often its processor began anew."""
        return self._processor.starts

    @property
    def has_image(self) -> bool:
        return self._image_mark.exists()

    # -- inside

    @property
    def _image_mark(self) -> Path:
        return self.hardware.folder / "image"

    @property
    def _is_on(self) -> bool:
        return self._processor.is_on or self._rom is not None

    def _let(self, hand: Callable[[], None]) -> None:
        """Have it done, and wait until it is."""
        if not self._thread.is_alive():
            hand()
            return
        done: Future[None] = Future()
        self._hands.put((hand, done))
        done.result()

    def _arm(self, size: int | None, cut: Cut) -> None:
        self._cut = cut
        self._line.cut_after(size)

    def _plug_in(self) -> None:
        self._line.plug_in()
        if not self._is_on:
            self._power_up()

    def _turn_off_and_on(self) -> None:
        self._power_off()
        self._power_up()

    def _power_up(self) -> None:
        if self.has_image:
            self._processor.power_up()
        else:
            self._enter_rom()

    def _power_off(self) -> None:
        self._leave_rom()
        self._processor.power_off()

    def _pull(self, cut: Cut) -> None:
        self._line.pull()
        if cut is Cut.POWER:
            self._power_off()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._take_hands()
            select.select(self._step(), [], [], _TICK_S)

    def _take_hands(self) -> None:
        while not self._hands.empty():
            hand, done = self._hands.get()
            try:
                hand()
            except (OSError, RomError) as error:
                done.set_exception(error)
            else:
                done.set_result(None)

    def _step(self) -> list[int]:
        """Carry what there is, both ways; returns what to wait on before the next step."""
        typed, is_cut = self._line.read()
        said = self._rom_step(typed) if self._rom is not None else self._processor_step(typed)
        self._line.write(said)
        if is_cut:
            self._pull(self._cut)
        side = self._rom or self._processor
        return self._line.readable + side.readable

    def _processor_step(self, typed: bytes) -> bytes:
        if typed:
            self._processor.write(typed)
        said, ended = self._processor.read()
        if ended is None:
            return said
        if ended == BOOTLOADER:
            self._enter_rom()
            return b""
        return self._processor.start_again(ended)

    def _rom_step(self, typed: bytes) -> bytes:
        rom = self._rom
        if rom is None:
            return b""
        if typed:
            rom.write(typed)
            self._mark(rom.watched.has_image)
        said = rom.read()
        if rom.watched.wants_reset and self._bites_s is None:
            self._bites_s = time.monotonic() + _WATCHDOG_S
        if self._bites_s is not None and time.monotonic() > self._bites_s:
            self._leave_rom()
            self._power_up()
        return said

    def _mark(self, has_image: bool) -> None:
        if has_image:
            self._image_mark.touch()
        else:
            self._image_mark.unlink(missing_ok=True)

    def _enter_rom(self) -> None:
        self._rom = Rom(self._chip, has_image=self.has_image)

    def _leave_rom(self) -> None:
        if self._rom is not None:
            self._rom.close()
            self._rom = self._bites_s = None
