using Google.Protobuf;

namespace DistributedLoss.Wire;

/// <summary>Messages as bytes, strictly: of all byte strings that protobuf would take for a message, a reader takes the one that a writer makes.</summary>
internal static class WireBytes
{
    /// <summary>The version of every message; the first field of each.</summary>
    public const uint Version = 1;

    /// <exception cref="WireException">The bytes are no message of this version, or have more in them than this version knows.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> bytes, MessageParser<T> parser, Func<T, (uint Version, bool End)> frame)
        where T : IMessage<T>
    {
        string name = Name<T>();
        T message;
        try
        {
            message = parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new WireException($"{name}: the {bytes.Length} bytes are cut or damaged ({e.Message.Split('.')[0]})", e);
        }

        var (version, isEnded) = frame(message);
        if (version != Version)
        {
            throw new WireException($"{name}: version {version} where this program reads version {Version}; let one version of dloss do the whole run");
        }

        if (!isEnded)
        {
            throw new WireException($"{name}: the {bytes.Length} bytes are cut");
        }

        // Unknown fields were dropped, and repeated, reordered or defaulted ones became one: whatever is not as a writer would have it has other bytes.
        if (!message.ToByteArray().AsSpan().SequenceEqual(bytes))
        {
            throw new WireException($"{name}: the {bytes.Length} bytes hold fields that version {Version} does not have, or not as it has them");
        }

        return message;
    }

    /// <summary>A count that cannot be negative.</summary>
    public static long Count(string what, long value) => value >= 0 ? value : throw new WireException($"{what}: {value} is negative");

    public static int Count(string what, int value) => value >= 0 ? value : throw new WireException($"{what}: {value} is negative");

    public static string Name<T>() => typeof(T).Name.Replace("Message", "", StringComparison.Ordinal);
}
