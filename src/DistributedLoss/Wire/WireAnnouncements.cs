using DistributedLoss.Wire.Messages;
using Google.Protobuf;

namespace DistributedLoss.Wire;

/// <summary>A coordinator says that there is a run. Small: it is said again and again.</summary>
/// <param name="Version">The coordinator's version of dloss.</param>
/// <param name="Coordinator">Unique, also over restarts: under another name it knows no worker yet.</param>
/// <param name="Settled">Shards that count already.</param>
/// <param name="Rows">Of all files.</param>
public sealed record RunAnnouncement(string RunId, string Version, string Coordinator, int Shards, int Settled, long Rows);

/// <summary>Announcements as bytes (messages.proto, AnnouncementMessage). Those of other versions: <see cref="WireHead.Read"/>.</summary>
public static class WireAnnouncements
{
    /// <exception cref="WireException">A name is empty, too long, or has control characters.</exception>
    public static byte[] Write(RunAnnouncement announcement) => new AnnouncementMessage
    {
        Version = WireBytes.Version,
        Program = WireHead.Name("program", announcement.Version),
        Run = WireHead.Name("run", announcement.RunId),
        Coordinator = WireHead.Name("coordinator", announcement.Coordinator),
        Shards = announcement.Shards,
        Settled = announcement.Settled,
        Rows = announcement.Rows,
        End = true,
    }.ToByteArray();

    /// <exception cref="WireException">The bytes are no announcement of this version of the wire; the message names the version of dloss that wrote them.</exception>
    public static RunAnnouncement Read(ReadOnlySpan<byte> bytes)
    {
        var message = WireHead.Parse(bytes, AnnouncementMessage.Parser, m => (m.Version, m.End));
        return new(
            WireHead.Name("run", message.Run),
            WireHead.Name("program", message.Program),
            WireHead.Name("coordinator", message.Coordinator),
            WireBytes.Count("shards", message.Shards),
            WireBytes.Count("settled shards", message.Settled),
            WireBytes.Count("rows", message.Rows));
    }
}
