using DistributedLoss.Evaluation;

namespace DistributedLoss.Tests.Evaluation;

public sealed class HardestRowsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void However_rows_are_split_and_merged_the_hardest_are_those_of_a_full_sort(int capacity)
    {
        var random = new Random(5);
        // Few distinct losses, so that ties are decided by file and row; an infinite one now and then.
        var rows = Enumerable.Range(0, 500)
            .Select(i => new HardestRow(i % 97 == 0 ? double.PositiveInfinity : random.Next(20) / 4.0, i % 3, 0, i, 1, 2, 3)).ToArray();
        var expected = rows.OrderByDescending(r => r.Loss).ThenBy(r => r.File).ThenBy(r => r.Row).Take(capacity).ToArray();
        for (int split = 0; split < 20; split++)
        {
            random.Shuffle(rows);
            var parts = Enumerable.Range(0, 5).Select(_ => new HardestRows(capacity)).ToArray();
            foreach (var row in rows)
            {
                parts[random.Next(parts.Length)].Add(row);
            }

            var merged = new HardestRows(capacity);
            foreach (var part in parts)
            {
                merged.Add(part);
            }

            Assert.Equal(expected, merged.ToSorted());
        }
    }

    [Fact]
    public void No_row_is_kept_when_none_is_asked_for()
    {
        var none = new HardestRows(0);
        none.Add(new HardestRow(double.PositiveInfinity, 0, 0, 0, 0, 0, 1));
        Assert.Empty(none.ToSorted());
    }
}
