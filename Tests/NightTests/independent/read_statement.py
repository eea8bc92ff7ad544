"""Reads kvitt statements with nothing of kvitt: envelope, sums, steps and the chain."""
import hashlib
import sys
from collections import defaultdict

SIGN = {"to_partner": 1, "to_issuer": -1}
chain = defaultdict(list)

for path in sys.argv[1:]:
    data = open(path, "rb").read()
    assert data.endswith(b"\r\n") and b"\n" not in data.replace(b"\r\n", b""), path
    lines = [line.split(";") for line in data.decode("ascii").split("\r\n")[:-1]]
    head, tail = lines[0], lines[-1]
    assert head[0] == "H" and head[1:3] == ["kvitt-statement", "1"], path
    body = data[: data.rindex(b"T;")]
    details = [line for line in lines if line[0] == "D"]
    assert tail[1:] == [str(len(lines)), str(len(details)), hashlib.sha256(body).hexdigest()], path
    assert [line[1] for line in details] == [str(n + 1) for n in range(len(details))], path
    assert details == sorted(details, key=lambda d: (d[2], d[3], int(d[4]))), path
    sums = defaultdict(lambda: [0, 0, 0])
    for d in details:
        group = sums[(d[2], d[13], d[10], d[14])]
        group[0] += 1
        group[1] += int(d[9] or 0)
        group[2] += int(d[12])
        if d[9] and d[11]:
            exact = int(d[9]) * float(d[11]) * (1 if d[10].startswith("SC.") else 100)
            assert abs(exact - int(d[12])) < 1.01, (path, d)
    stated = {tuple(s[1:5]): [int(s[5]), int(s[6] or 0), int(s[7])] for s in lines if s[0] == "S"}
    assert stated == {k: v for k, v in sums.items()}, path
    steps = {b[2]: int(b[3]) * SIGN[b[4]] for b in lines if b[0] == "B"}
    settled = sum(int(d[12]) * SIGN[d[14]] for d in details if d[2] == "settled")
    assert steps["settled"] == settled, path
    assert steps["net"] == steps["opening"] + settled + steps["vat"] - steps["paid"], path
    assert steps["closing"] == steps["net"] - steps["ordered"], path
    documents = sum(int(i[5]) * SIGN[i[9]] for i in lines if i[0] == "I")
    assert documents == settled, path
    chain[head[5]].append((int(head[7]), steps["opening"], steps["closing"]))

for partner, statements in chain.items():
    statements.sort()
    closing = 0
    for number, (sequence, opening, last) in enumerate(statements):
        assert sequence == number + 1 and opening == closing, (partner, sequence)
        closing = last

print(sum(len(s) for s in chain.values()), "statements read, sums and chains agree")
