using System.Text.Json;
using DistributedLoss.Cli.Logging;
using DistributedLoss.Coordination;

namespace DistributedLoss.Cli.Tests.Logging;

public class JsonLineFormatterTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 13, 0, 0, 123, TimeSpan.FromHours(1));

    [Fact]
    public void A_line_has_timestamp_level_event_message_and_the_properties_in_camelCase()
    {
        string line = Format(new RunEvent.ShardAssigned(3, "ab12", "worker-1", 1, 8192, "data/é \"x\".parquet", 2, 16384));
        Assert.StartsWith(
            """{"timestamp":"2026-01-31T12:00:00.123Z","level":"debug","event":"ShardAssigned","message":"shard 3 to worker worker-1""", line, StringComparison.Ordinal);
        Assert.EndsWith(
            """
            "shard":3,"shardId":"ab12","worker":"worker-1","attempt":1,"rows":8192,"file":"data/é \"x\".parquet","rowGroup":2,"firstRow":16384}
            """.Trim() + Environment.NewLine,
            line,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.NaN, "\"NaN\"")]
    [InlineData(double.PositiveInfinity, "\"Infinity\"")]
    [InlineData(double.NegativeInfinity, "\"-Infinity\"")]
    [InlineData(0.1, "0.1")]
    [InlineData(0.6028097786663561, "0.6028097786663561")]
    [InlineData(null, "null")]
    public void Numbers_read_back_to_the_same_value_and_non_finite_ones_are_strings(double? mean, string expected)
    {
        using var line = JsonDocument.Parse(Format(new RunEvent.RunFinished(1, 2, mean, "ab", 0.5)));
        Assert.Equal(expected, line.RootElement.GetProperty("meanLoss").GetRawText());
    }

    [Fact]
    public void Control_characters_stay_inside_their_line()
    {
        string line = Format(new RunEvent.WorkerLeft("w", "a\nb\r\u2028c", 0, 0, 0));
        Assert.Equal(line.Length - Environment.NewLine.Length, line.IndexOfAny(['\n', '\r']));
        using var json = JsonDocument.Parse(line);
        Assert.Equal("a\nb\r\u2028c", json.RootElement.GetProperty("reason").GetString());
    }

    private static string Format(RunEvent e)
    {
        using var output = new StringWriter();
        new JsonLineFormatter().Format(RunEventLog.ToLogEvent(e, Now), output);
        return output.ToString();
    }
}
