using Akka.Actor;
using DistributedLoss.Wire;

namespace DistributedLoss.Akka.Messages;

/// <summary>An actor's way of sending and receiving messages of any length as frames. Its state is the actor's own.</summary>
/// <param name="frameBytes">Most bytes of a frame.</param>
/// <param name="assemblyBytes">What may be held of messages that are not complete.</param>
/// <param name="wrap">The kind of frame that the actor sends.</param>
internal sealed class FrameLink(int frameBytes, long assemblyBytes, Func<byte[], Frame> wrap)
{
    private readonly ChunkAssembler _assembler = new(assemblyBytes);
    private ulong _sent;

    public void Send(IActorRef receiver, IActorRef self, byte[] message)
    {
        _sent++;
        foreach (byte[] frame in WireChunks.Cut(message, _sent, frameBytes))
        {
            receiver.Tell(wrap(frame), self);
        }
    }

    /// <returns>The message that the frame completes, or null.</returns>
    /// <exception cref="WireException">The frame is none, or there is no room for its message.</exception>
    public byte[]? Receive(IActorRef sender, Frame frame) => _assembler.Add(Key(sender), frame.Bytes);

    /// <summary>The sender is gone: what it did not finish is dropped.</summary>
    public void Forget(IActorRef sender) => _assembler.Forget(Key(sender));

    // With the incarnation's number: an actor that began anew under its old name numbers its messages anew.
    private static string Key(IActorRef sender) => sender.Path.ToSerializationFormat();
}
