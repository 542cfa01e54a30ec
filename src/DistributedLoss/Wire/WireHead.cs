using DistributedLoss.Runs;
using DistributedLoss.Wire.Messages;
using Google.Protobuf;

namespace DistributedLoss.Wire;

/// <summary>How messages between processes begin in every version (messages.proto, HeadMessage): who speaks, whatever is said.</summary>
/// <param name="Version">Of the wire.</param>
/// <param name="Program">The sender's version of dloss; empty where the message does not say.</param>
/// <param name="RunId">Empty where the sender has no run yet.</param>
/// <param name="Worker">Empty where the message is of no worker.</param>
public sealed record WireHead(uint Version, string Program, string RunId, string Worker)
{
    /// <summary>Most characters of a name: of a run, a worker, a coordinator, a program's version.</summary>
    public const int MaxNameLength = 200;

    /// <summary>Reads the head alone, of any version.</summary>
    /// <exception cref="WireException">The bytes do not begin as a message does.</exception>
    public static WireHead Read(ReadOnlySpan<byte> bytes)
    {
        HeadMessage message;
        try
        {
            message = HeadMessage.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new WireException($"the {bytes.Length} bytes are no message, or cut or damaged ({e.Message.Split('.')[0]})", e);
        }

        return message.Version == 0
            ? throw new WireException($"the {bytes.Length} bytes are no message between processes: they have no version")
            : new WireHead(message.Version, Check("program", message.Program), Check("run", message.Run), Check("worker", message.Worker));
    }

    /// <summary>Reads a message that begins with a head.</summary>
    /// <exception cref="WireException">Of another version, with its name; or the bytes are not as a writer of this version would have them.</exception>
    internal static T Parse<T>(ReadOnlySpan<byte> bytes, MessageParser<T> parser, Func<T, (uint Version, bool End)> frame)
        where T : IMessage<T>
    {
        var head = Read(bytes);
        if (head.Version != WireBytes.Version)
        {
            string who = head.Worker.Length > 0 ? $"worker {head.Worker}" : head.RunId.Length > 0 ? $"run {head.RunId}" : "the sender";
            string program = head.Program.Length > 0 ? $"dloss {head.Program}" : "a dloss";
            throw new WireException(
                $"{WireBytes.Name<T>()}: {who} is of {program} with wire version {head.Version}, and this is dloss {ProgramVersion.Current} with wire version {WireBytes.Version}; let one version of dloss do the whole run");
        }

        return WireBytes.Parse(bytes, parser, frame);
    }

    /// <summary>A name that is there.</summary>
    internal static string Name(string what, string name) => name.Length > 0 ? Check(what, name) : throw new WireException($"{what}: it has no name");

    // Names go into log lines, queues' names and messages of one line.
    private static string Check(string what, string name) =>
        name.Length > MaxNameLength ? throw new WireException($"{what}: a name of {name.Length} characters is longer than {MaxNameLength}")
        : name.AsSpan().ContainsAnyInRange('\0', '\u001f') || name.AsSpan().ContainsAnyInRange('\u007f', '\u009f') || name.AsSpan().ContainsAnyInRange('\u2028', '\u2029')
            ? throw new WireException($"{what}: a name has control characters")
        : name;
}
