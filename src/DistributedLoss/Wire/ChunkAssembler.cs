using System.Collections;
using DistributedLoss.Wire.Messages;

namespace DistributedLoss.Wire;

/// <summary>
/// Puts messages together from frames. Frames of several senders may come in any interleaving, and a sender's own in any order, twice, or not at all:
/// a message that lacks a frame is dropped when a later one of its sender is complete, needs its room, or when the sender is forgotten. For one thread at a time.
/// </summary>
/// <remarks>
/// A message of one frame is passed on as it comes, as often as it comes, and touches no other. A message of several is passed on once; its sender sends
/// those one after another.
/// </remarks>
/// <param name="budgetBytes">What all messages that are not complete may take, with what is kept about their senders.</param>
public sealed class ChunkAssembler(long budgetBytes)
{
    // About what the entries of dictionaries and the objects take besides names, bytes and bits.
    private const int SenderBytes = 300;
    private const int MessageBytes = 200;

    private readonly Dictionary<string, Sender> _senders = [];

    /// <summary>Of the budget, now.</summary>
    public long HeldBytes { get; private set; }

    /// <returns>The message, where this frame completes it; null otherwise.</returns>
    /// <exception cref="WireException">
    /// The bytes are no frame, contradict frames that came before, or begin a message for which the budget has no room: the frame is dropped.
    /// </exception>
    public byte[]? Add(string sender, ReadOnlySpan<byte> bytes)
    {
        var frame = WireBytes.Parse(bytes, FrameMessage.Parser, m => (m.Version, m.End));
        if (frame.Message == 0 || frame.Count == 0 || frame.Index >= frame.Count || frame.Count > int.MaxValue || frame.Length > Array.MaxLength)
        {
            throw new WireException($"Frame: {frame.Index} of {frame.Count} of message {frame.Message} of {frame.Length} bytes cannot be");
        }

        int length = (int)frame.Length, count = (int)frame.Count;
        var (start, end) = WireChunks.Range(length, count, (int)frame.Index);

        // The last frame has a byte: there are no more frames than bytes.
        WireChunks.Range(length, count, count - 1);
        if (frame.Part.Length != end - start)
        {
            throw new WireException($"Frame: {frame.Index} of {count} of a message of {length} bytes has {frame.Part.Length} bytes, not {end - start}");
        }

        if (count == 1)
        {
            return frame.Part.ToByteArray();
        }

        return Begun(sender, frame.Message, length, count) is { } message && Put(message, sender, frame, start) ? Complete(sender, frame.Message) : null;
    }

    /// <summary>Drops what the sender left incomplete; when it is gone.</summary>
    public void Forget(string sender)
    {
        if (_senders.Remove(sender, out var known))
        {
            HeldBytes -= SenderCost(sender) + known.Open.Values.Sum(m => m.Cost);
        }
    }

    private static long SenderCost(string sender) => SenderBytes + (2L * sender.Length);

    /// <returns>Null where the message is complete already, or was dropped for a later one.</returns>
    private Message? Begun(string sender, ulong number, int length, int count)
    {
        var known = _senders.GetValueOrDefault(sender);
        if (number <= known?.Completed)
        {
            return null;
        }

        if (known is not null && known.Open.TryGetValue(number, out var begun))
        {
            return begun.Bytes.Length == length && begun.Count == count
                ? begun
                : throw new WireException($"Frame: {sender} has a message {number} of {begun.Bytes.Length} bytes in {begun.Count} frames, and one of {length} in {count}");
        }

        long cost = Message.CostOf(length, count) + (known is null ? SenderCost(sender) : 0);
        if (cost > budgetBytes - HeldBytes)
        {
            Drop(known, number - 1);
        }

        if (cost > budgetBytes - HeldBytes)
        {
            throw new WireException($"Frame: {sender} begins a message of {length} bytes, and {HeldBytes} of {budgetBytes} bytes are taken by others that are not complete");
        }

        if (known is null)
        {
            _senders[sender] = known = new Sender();
        }

        HeldBytes += cost;
        return known.Open[number] = new Message(length, count);
    }

    /// <returns>Whether the message has all its frames now.</returns>
    private static bool Put(Message message, string sender, FrameMessage frame, int start)
    {
        var place = message.Bytes.AsSpan(start, frame.Part.Length);
        int index = (int)frame.Index;
        if (message.Has[index])
        {
            return place.SequenceEqual(frame.Part.Span)
                ? false
                : throw new WireException($"Frame: {sender} sent frame {index} of message {frame.Message} twice, with other bytes");
        }

        frame.Part.Span.CopyTo(place);
        message.Has[index] = true;
        return ++message.Frames == message.Count;
    }

    private byte[] Complete(string sender, ulong number)
    {
        var known = _senders[sender];
        byte[] bytes = known.Open[number].Bytes;
        Drop(known, number);
        known.Completed = number;
        return bytes;
    }

    private void Drop(Sender? known, ulong upTo)
    {
        foreach (var (number, message) in known?.Open.Where(m => m.Key <= upTo).ToArray() ?? [])
        {
            known!.Open.Remove(number);
            HeldBytes -= message.Cost;
        }
    }

    private sealed class Sender
    {
        public Dictionary<ulong, Message> Open { get; } = [];

        /// <summary>The latest message of several frames that was passed on.</summary>
        public ulong Completed { get; set; }
    }

    private sealed class Message(int length, int count)
    {
        public byte[] Bytes { get; } = new byte[length];

        public BitArray Has { get; } = new(count);

        public int Count => count;

        public int Frames { get; set; }

        public long Cost => CostOf(length, count);

        public static long CostOf(int length, int count) => MessageBytes + (long)length + (count / 8);
    }
}
