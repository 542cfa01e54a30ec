using DistributedLoss.Runs;
using DistributedLoss.Wire;
using DistributedLoss.Wire.Messages;
using Google.Protobuf;

namespace DistributedLoss.Tests.Wire;

public class WireHeadTests
{
    [Fact]
    public void Who_speaks_is_read_of_any_version_and_any_message_and_what_it_says_is_refused_by_its_name()
    {
        // A later wire may have anything behind the head: here a field that is none of this version's.
        byte[] head = new HeadMessage { Version = 7, Program = "2.5.0", Run = "run-1", Worker = "host-1" }.ToByteArray();
        byte[] later = [.. head, 0x2d, 1, 2, 3, 4];
        Assert.Equal(new WireHead(7, "2.5.0", "run-1", "host-1"), WireHead.Read(later));
        foreach (var read in (Action<byte[]>[])
            [b => WireRuns.Read(b), b => WireAnnouncements.Read(b), b => WireReports.Read(b, WireSample.Shape), b => WireCommands.Read(b)])
        {
            string refused = Assert.Throws<WireException>(() => read(later)).Message;
            Assert.Contains($"worker host-1 is of dloss 2.5.0 with wire version 7, and this is dloss {ProgramVersion.Current} with wire version 1;", refused, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("run", "0.1.0", "run-1", "")]
    [InlineData("announcement", "0.1.0", "run-1", "")]
    [InlineData("joined", "0.1.0", "", "host-1-ab/1")]
    [InlineData("finished", "", "run-1", "host-1-ab/1")]
    [InlineData("run command", "0.1.0", "run-1", "host-1-ab")]
    [InlineData("release", "", "run-1", "host-1-ab/1")]
    public void The_messages_of_this_version_begin_with_it(string sample, string program, string run, string worker) =>
        Assert.Equal(new WireHead(1, program, run, worker), WireHead.Read(WireSample.Of(sample).Bytes));

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    [InlineData("\u0085")]
    [InlineData("\u2028")]
    public void A_name_is_a_word_in_a_line(string name)
    {
        Assert.Throws<WireException>(() => WireReports.Write(new WorkerReport.Requested("run", name, 1)));
        Assert.Throws<WireException>(() => WireReports.Write(new WorkerReport.Requested(name, "worker", 1)));
        Assert.Throws<WireException>(() => WireReports.Write(new WorkerReport.Joined("", "worker", name)));
        Assert.Throws<WireException>(() => WireRuns.Write(name, WireSample.Plan));
        Assert.Throws<WireException>(() => WireReports.Read(new ReportMessage { Version = 1, Run = name, Worker = "w", Requested = new(), End = true }.ToByteArray(), WireSample.Shape));
        Assert.Throws<WireException>(() => WireReports.Read(new ReportMessage { Version = 1, Run = "r", Worker = name, Requested = new(), End = true }.ToByteArray(), WireSample.Shape));
    }

    [Fact]
    public void A_name_has_a_bound() =>
        Assert.Throws<WireException>(() => WireReports.Write(new WorkerReport.Requested("run", new string('w', WireHead.MaxNameLength + 1), 1)));
}
