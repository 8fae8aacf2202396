"""Means that do not depend on the order of rows, where it is hardest: half way between two ninth decimals."""

import json
import random
from fractions import Fraction

from conftest import SAMPLE, run_dbt


def test_a_mean_half_way_between_two_decimals_is_rounded_up_whatever_the_order(tmp_path):
    generator = random.Random(7)
    cases = []
    for group in range(40):
        count = generator.choice([2, 4, 10, 26, 64])
        billionths = [generator.randrange(100 * 10**9) for _ in range(count - 1)]
        billionths.append((count // 2 - sum(billionths)) % count + generator.randrange(10**9) * count)
        mean = Fraction(sum(billionths), count)
        assert mean % 1 == Fraction(1, 2)
        for order in range(3):
            generator.shuffle(billionths)
            cases.append((3 * group + order, list(billionths), float(Fraction(mean.__ceil__(), 10**9))))
    rows = ", ".join(
        f"({number}, {Fraction(value, 10**9).__float__()!r})" for number, values, _ in cases for value in values
    )
    sql = (
        "select number, {{ mean('cast(value as double)') }} as mean "
        f"from (values {rows}) as given (number, value) group by number"
    )
    done = run_dbt(SAMPLE, tmp_path, "show", "--quiet", "--output", "json", "--limit", "-1", "--inline", sql)
    assert done.status == 0, done.output
    found = {row["number"]: row["mean"] for row in json.loads(done.output[done.output.index("{") :])["show"]}
    assert found == {number: mean for number, _, mean in cases}
