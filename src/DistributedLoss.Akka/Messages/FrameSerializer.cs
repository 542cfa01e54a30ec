using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace DistributedLoss.Akka.Messages;

/// <summary>Frames as the bytes that they are; the manifest tells reports and commands apart.</summary>
internal sealed class FrameSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public const string Report = "report";
    public const string Command = "command";

    /// <summary>Those up to 40 are Akka's.</summary>
    public override int Identifier => 3174;

    public override string Manifest(object o) => o switch
    {
        ReportFrame => Report,
        CommandFrame => Command,
        _ => throw new SerializationException($"{o.GetType()} is no frame, and nodes send each other nothing else"),
    };

    public override byte[] ToBinary(object obj) => obj is Frame frame
        ? frame.Bytes
        : throw new SerializationException($"{obj.GetType()} is no frame, and nodes send each other nothing else");

    public override object FromBinary(byte[] bytes, string manifest) => manifest switch
    {
        Report => new ReportFrame(bytes),
        Command => new CommandFrame(bytes),
        _ => throw new SerializationException($"a frame of kind {Readable(manifest)} is of another version of dloss; let one version do the whole run"),
    };

    // It comes from the network, and goes into a line of the log.
    private static string Readable(string manifest) => new([.. manifest.Take(40).Where(c => !char.IsControl(c))]);
}
