"""``relip doctor``: its options, and whom it asks."""

from __future__ import annotations

import argparse
from typing import Final, TypeVar

P = TypeVar("P", bound=argparse.ArgumentParser)
DOCTOR: Final = """\
relip doctor resolve looks at files only, whether Resolve runs or not: which edition and version
it is, which Python it runs scripts with, whether relip's scripts are there, whole and of this
version, and whether the engine starts.

relip doctor --providers runs every network on everything this machine can run networks on, and
compares with the CPU. Jobs remember what it finds; whatever differs or fails is left to the CPU.

exit code: 0 all is well, 1 something is wrong
"""


def add_commands(commands: argparse._SubParsersAction[P], shared: P) -> None:
    """Add the command."""
    doctor = commands.add_parser(
        "doctor",
        parents=[shared],
        help="whether relip can work here, and inside an editing program",
        epilog=DOCTOR,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doctor.set_defaults(command=_doctor)
    what = doctor.add_mutually_exclusive_group()
    what.add_argument("program", nargs="?", choices=("resolve",), help="look there instead")
    what.add_argument("--providers", action="store_true",
        help="parity and speed of what networks can run on")  # fmt: skip


def _doctor(options: argparse.Namespace) -> int:
    from relip_plugin import doctor, doctor_providers, doctor_resolve

    diagnose = doctor_resolve.diagnose if options.program == "resolve" else doctor.diagnose
    findings = list(doctor_providers.diagnose() if options.providers else diagnose())
    print(doctor.as_json(findings) if options.json else doctor.as_text(findings))
    return 0 if all(finding.fine for finding in findings) else 1
