"""The interface in other languages; Blender looks every string up here."""

from __future__ import annotations

from relip_host.engines import LICENCES

OPERATOR = {
    "Re-sync Lips": "Lippen synchronisieren",
    "Cancel Re-sync": "Synchronisieren abbrechen",
    "Apply Finished": "Fertiges einsetzen",
    "Revert Last Run": "Letzten Lauf zurücknehmen",
    "Set Up Engine": "Engine einrichten",
    "Check Engine": "Engine prüfen",
    "Re-sync All Lines": "Alle Zeilen synchronisieren",
    "List Lines": "Zeilen auflisten",
    "Resume": "Fortsetzen",
}
PLAIN = {
    "Options": "Optionen",
    "Lips": "Lippen",
    "Last Run": "Letzter Lauf",
    "All Lines": "Alle Zeilen",
    "Engine": "Engine",
    "Speaker": "Sprecher",
    "Speakers": "Sprecher je Kanal",
    "Strength": "Stärke",
    "Nudge": "Versatz",
    "Codec": "Codec",
    "As the Clip": "Wie der Clip",
    "Output Folder": "Zielordner",
    "Result": "Ergebnis",
    "Above the Shot": "Über der Einstellung",
    "In Place": "An ihrer Stelle",
    "Score": "Bewerten",
    "Preview Range Only": "Nur im Vorschaubereich",
    "At a Time": "Gleichzeitig",
    "Keep What Is Made": "Fertiges behalten",
    "Dub Channel": "Kanal der Synchronfassung",
    "Footage": "Filmmaterial",
    "Networks Run On": "Netze laufen auf",
    "What is fastest here": "Was hier am schnellsten ist",
    "The processor": "Prozessor",
    LICENCES["wav2lip"]: (
        "Was du damit machst, darf weder verkauft noch gesendet noch für Kunden verwendet werden."
    ),
    LICENCES["musetalk"]: (
        "Auch für Gewerbliches, aber nicht für das, was die OpenRAIL-Liste verbietet, etwa anderen "
        "zu schaden oder sie zu täuschen."
    ),
    "A run is going on; cancel it first": "Es läuft schon etwas; brich es zuerst ab",
    "Select the movie strip to re-sync": "Wähle den Filmstreifen, der synchronisiert werden soll",
    "Select the sound strip with the dub as well, or choose its channel in the options": (
        "Wähle auch den Tonstreifen mit der Synchronfassung, oder ihren Kanal in den Optionen"
    ),
    "The sequencer shows no scene; choose one in its header": (
        "Der Sequencer zeigt keine Szene; wähle eine in seiner Kopfzeile"
    ),
    "Nothing is being re-synced": "Es wird nichts synchronisiert",
    "Choose the dub's channel in the options": (
        "Wähle den Kanal der Synchronfassung in den Optionen"
    ),
    "List the lines first": "Liste zuerst die Zeilen auf",
    "No line is left to do; tick those to do again": (
        "Keine Zeile ist mehr zu tun; hake an, was noch einmal getan werden soll"
    ),
}
GERMAN = {
    **{("Operator", text): said for text, said in OPERATOR.items()},
    **{("*", text): said for text, said in (OPERATOR | PLAIN).items()},
}
LANGUAGES = {"de_DE": GERMAN, "de": GERMAN}
