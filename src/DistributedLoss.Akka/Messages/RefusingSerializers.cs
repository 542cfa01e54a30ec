using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace DistributedLoss.Akka.Messages;

/// <summary>
/// Stands where Akka has a serializer that makes objects of whatever types the bytes name: it makes nothing, in either direction, and says so. It has that
/// one's identifier, so that bytes from the network find no other.
/// </summary>
internal abstract class RefusingSerializer(ExtendedActorSystem system, int identifier, string what) : Serializer(system)
{
    public override int Identifier => identifier;

    public override bool IncludeManifest => true;

    public override byte[] ToBinary(object obj) =>
        throw new SerializationException($"{obj?.GetType()} is not sent: {what} is switched off, and nodes send each other frames alone");

    public override object FromBinary(byte[] bytes, Type type) =>
        throw new SerializationException($"{bytes.Length} bytes are not read: {what} is switched off, and nodes send each other frames alone");
}

/// <summary>Akka's fallback for messages that no other serializer is bound to.</summary>
internal sealed class NoJson(ExtendedActorSystem system) : RefusingSerializer(system, 1, "JSON of any type")
{
    // Akka has settings for this serializer, and hands them over.
    public NoJson(ExtendedActorSystem system, Config _)
        : this(system)
    {
    }
}

/// <summary>Protobuf messages of whatever type their manifest names.</summary>
internal sealed class NoProtobuf(ExtendedActorSystem system) : RefusingSerializer(system, 2, "protobuf of any type");

/// <summary>Orders to make an actor of any type on another node.</summary>
internal sealed class NoDeployment(ExtendedActorSystem system) : RefusingSerializer(system, 3, "remote deployment");
