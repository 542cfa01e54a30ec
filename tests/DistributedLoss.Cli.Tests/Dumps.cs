using DistributedLoss.Parquet.Writing;

namespace DistributedLoss.Cli.Tests;

/// <summary>Small dumps.</summary>
internal static class Dumps
{
    /// <summary>600 rows of 7 classes in six row groups.</summary>
    public static string Synthetic(TemporaryFolder folder, string name = "synthetic.parquet")
    {
        SyntheticDump.Write(folder[name], new SyntheticOptions { Rows = 600, Classes = 7, RowGroupRows = 100 });
        return folder[name];
    }

    /// <summary>Rows of three classes as they are given.</summary>
    public static string Of(TemporaryFolder folder, string name, params (double[] Logits, long Label)[] rows)
    {
        using var writer = new DumpWriter(folder[name], new DumpSchema(3) { LogitType = LogitType.Float64 });
        foreach (var (logits, label) in rows)
        {
            writer.AppendRow(logits.AsSpan(), label);
        }

        writer.Close();
        return folder[name];
    }
}
