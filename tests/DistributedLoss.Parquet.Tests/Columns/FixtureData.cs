namespace DistributedLoss.Parquet.Tests.Columns;

/// <summary>The data sets of tests/fixtures/make/data.js: integer arithmetic and exact sums only, so the same bits in both languages.</summary>
internal static class FixtureData
{
    public static (double[][] Logits, int[] Labels) Coarse { get; } =
        Build(20, 320, 10, 3, 4, x => Math.Max(-15.875, Math.Min(15.875, Math.Floor((x * 8) + 0.5) / 8)) + 0);

    public static (double[][] Logits, int[] Labels) Fine { get; } = Build(21, 200, 33, 4, 6, x => (float)x);

    private static (double[][] Logits, int[] Labels) Build(uint seed, int rows, int classes, double scale, double bump, Func<double, double> round)
    {
        var labels = new int[rows];
        var logits = new double[rows][];
        for (var r = 0; r < rows; r++)
            labels[r] = (int)Math.Floor(Uniform(ref seed) * classes);
        for (var r = 0; r < rows; r++)
        {
            logits[r] = new double[classes];
            for (var c = 0; c < classes; c++)
            {
                var bell = Uniform(ref seed);
                for (var i = 1; i < 6; i++)
                    bell += Uniform(ref seed);
                logits[r][c] = round(((bell - 3) * scale) + (c == labels[r] ? bump : 0));
            }
        }
        return (logits, labels);
    }

    private static double Uniform(ref uint state)
    {
        state += 0x6d2b79f5;
        var t = (state ^ (state >> 15)) * (state | 1);
        t = (t + ((t ^ (t >> 7)) * (t | 61))) ^ t;
        return (t ^ (t >> 14)) / 4294967296.0;
    }
}
