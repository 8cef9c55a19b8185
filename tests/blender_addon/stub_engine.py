"""An engine that only greets, the way it is told: ``python stub_engine.py MANNER -m ...``."""

import json
import sys
import time

MANNER, MODULE = sys.argv[1], sys.argv[3]
HELLO = {"event": "hello", "protocol": 1, "version": "0.1.0"}
FINDINGS = [
    {"subject": "relip", "name": "version", "value": "0.1.0", "fine": True, "remedy": ""},
    {"subject": "library", "name": "numpy", "value": "2.4.0", "fine": True, "remedy": ""},
    {"subject": "reads", "name": "prores", "value": "no", "fine": False, "remedy": "again"},
]

if MODULE == "relip_plugin.cli":
    if MANNER == "dumb":
        sys.exit("the doctor is out")
    findings = FINDINGS if MANNER == "ill" else FINDINGS[:2]
    print(json.dumps({"fine": MANNER != "ill", "findings": findings}, indent=2))
    sys.exit(MANNER == "ill")
if MANNER == "bare":
    sys.exit("/opt/python: Error while finding module: No module named relip_plugin")
if MANNER == "silent":
    time.sleep(60)
if MANNER == "garbage":
    print("Blender 4.5.15 LTS", flush=True)
if MANNER == "future":
    HELLO["protocol"] = 99
if MANNER == "older":
    HELLO["version"] = "0.0.9"
print(json.dumps(HELLO), flush=True)
sys.stdin.read()
