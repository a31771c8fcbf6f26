"""A report goes into the store of the gateway on this machine, as `xunhe water import` does."""

from contextlib import closing

from xunhe.adapters import registry_file, rules_file
from xunhe.adapters.desk_calendar_file import rules_of
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.flights.intake import Brought, FlightBook
from xunhe.adapters.proof import Keeper
from xunhe.adapters.store.database import Database
from xunhe.desk.roles import SYSTEM
from xunhe.settings import Settings
from xunhe.start import clock_of
from xunhe_tools.patrol.report_folder import ReportFolder
from xunhe_tools.patrol.sent import Sent


def take(report: ReportFolder, settings: Settings, of_post: str | None) -> Sent:
    """Take it in; FlightError says why not, RegistryError and SettingsError what is in disorder."""
    with closing(Database(settings.store.database)) as database:
        database.migrate()
        store = EvidenceStore(settings.vision.evidence)
        budget = Budget(database, store, round(settings.vision.evidence_budget_mib * 2**20))
        book = FlightBook(
            database,
            registry_file.load(settings.registry.folder),
            clock_of(settings.clock),
            Keeper(budget),
            rules_file.load(settings.rules.file),
            rules_of(settings.desk),
        )
        brought = Brought(report.flight, report.pictures, SYSTEM.code, of_post)
        taken = book.take(brought)
    return Sent(taken.id, taken.is_new)
