"""Writes a partner's answer to a kvitt statement with nothing of kvitt, signed by stock openssl."""
import argparse
import hashlib
import os
import subprocess
from collections import defaultdict

parser = argparse.ArgumentParser()
parser.add_argument("statement")
parser.add_argument("answer")
parser.add_argument("keys")
parser.add_argument("--sequence", type=int, default=1)
parser.add_argument("--digest", default="")
parser.add_argument("--key", default="good")
parser.add_argument("--totals", default="")
parser.add_argument("--unsigned", action="store_true")
parser.add_argument("--flip", action="store_true")
parser.add_argument("--accept-all", action="store_true")
parser.add_argument("--say", default="", help="a word a filed line: A, X or P with a quantity")
args = parser.parse_args()

data = open(args.statement, "rb").read()
lines = [line.split(";") for line in data.decode("ascii").split("\r\n")[:-1]]
head = lines[0]
filed = [d for d in lines if d[0] == "D" and d[2] == "filed"]
digest = args.digest or hashlib.sha256(data).hexdigest()
out = [["H", "kvitt-answer", "1", "live", head[5], head[4], f"NVA-A-{args.sequence:04}",
        str(args.sequence), head[6], digest, "2026-09-01T04:00:00Z"]]
sums = defaultdict(lambda: [0, 0, 0, 0, 0])
for number, line in enumerate(filed):
    quantity, value = int(line[9]), int(line[12])
    status, accepted, worth, reason, merged = "A", quantity, value, "", ""
    if args.say:
        word = args.say.split(",")[number]
        if word == "X":
            status, accepted, worth, reason = "X", 0, 0, "CLOSED"
        elif word != "A":
            status, accepted, reason = "P", int(word[1:]), "CAP"
            worth = value * accepted // quantity
    elif not args.accept_all and line[5] != "reversal":
        if number == 0:
            status, accepted, worth, reason = "X", 0, 0, "CLOSED"
        elif number == 1:
            status, accepted, worth, reason = "P", quantity - 1, value * (quantity - 1) // quantity, "CAP"
        elif number == 2:
            status, reason = "W", "NAME_DIFF"
        elif number == 3:
            status, merged = "M", "7700001"
    out.append(["R", str(number + 1), line[3], line[4], status, str(accepted), str(worth), reason,
                f"P{number}", merged])
    group = sums[(status, line[13], line[10], line[14])]
    for index, part in enumerate([1, quantity, value, accepted, worth]):
        group[index] += part
if not args.accept_all and not args.say:
    out.append(["N", "P-ONLY-1", "4720", "2026-08-30", "340", "NVA", "289", "EUR", "to_partner"])
for key in sorted(sums):
    values = [str(v) for v in sums[key]]
    if args.totals:
        values[1] = str(int(values[1]) + 1)
    out.append(["S", *key, *values])
body = "".join(";".join(line) + "\r\n" for line in out).encode()
rows = [len(out) + 1, sum(o[0] == "R" for o in out), sum(o[0] == "N" for o in out)]
body += ("T;" + ";".join(map(str, rows)) + ";" + hashlib.sha256(body).hexdigest() + "\r\n").encode()
open(args.answer, "wb").write(body)
if not args.unsigned:
    subprocess.run(
        ["openssl", "cms", "-sign", "-binary", "-in", args.answer, "-outform", "DER",
         "-signer", os.path.join(args.keys, args.key + ".pem"),
         "-inkey", os.path.join(args.keys, args.key + ".key"), "-out", args.answer + ".p7s"],
        check=True)
if args.flip:
    open(args.answer, "wb").write(body.replace(b"NAME_DIFF", b"NAME_DIFG"))
