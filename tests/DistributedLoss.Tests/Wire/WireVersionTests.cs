using System.Text.Json;
using DistributedLoss.Wire;

namespace DistributedLoss.Tests.Wire;

/// <summary>
/// Bytes that version 1 wrote, in Goldens/wire.v1.json: as long as version 1 is read, these are. Another version gets a file of its own beside it.
/// </summary>
public sealed class WireVersionTests : IDisposable
{
    private readonly DumpFolder _folder = new();

    public static TheoryData<string> Names => ["unsliced", "bare", "soft", "sequence", "binary"];

    public static TheoryData<string> Messages => WireSample.Names;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Committed_bytes_are_read_and_written_as_they_were(string name)
    {
        var plan = WireCase.Plan(_folder, name);
        var totals = DumpFolder.Evaluate(plan);
        byte[] committed = Committed(name);
        Assert.Equal(totals.ExecutionDigest(), WireTotals.Read(committed, plan.Shape).ExecutionDigest());
        Assert.Equal(committed, WireTotals.Write(totals));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Committed_messages_are_read_and_written_as_they_were(string name)
    {
        var sample = WireSample.Of(name);
        byte[] committed = Committed(name);
        Assert.Equal(committed, sample.Bytes);
        Assert.Equal(committed, sample.Again(committed));
    }

    private static byte[] Committed(string name)
    {
        using var goldens = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Wire", "Goldens", "wire.v1.json")));
        return goldens.RootElement.GetProperty(name).GetBytesFromBase64();
    }
}
