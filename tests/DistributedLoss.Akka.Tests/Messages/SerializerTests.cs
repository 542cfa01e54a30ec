using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using DistributedLoss.Akka.Messages;

namespace DistributedLoss.Akka.Tests.Messages;

/// <summary>What crosses the network is frames, as config/akka.conf has it, and nothing else.</summary>
public sealed class SerializerTests() : TestKit(ConfigurationFactory.FromResource("akka.conf", typeof(AkkaEngine).Assembly).WithFallback(Loopback))
{
    private static readonly Config Loopback = ConfigurationFactory.ParseString("akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }");

    public static TheoryData<string> Kinds() => ["report", "command"];

    [Theory, MemberData(nameof(Kinds))]
    public void A_frame_is_its_bytes_and_its_kind(string kind)
    {
        byte[] bytes = [1, 2, 3, 255];
        Frame frame = kind == "report" ? new ReportFrame(bytes) : new CommandFrame(bytes);
        var serializer = Assert.IsType<FrameSerializer>(Sys.Serialization.FindSerializerFor(frame));
        Assert.Equal(kind, serializer.Manifest(frame));
        Assert.Equal(bytes, serializer.ToBinary(frame));
        var back = (Frame)Sys.Serialization.Deserialize(bytes, serializer.Identifier, kind);
        Assert.Equal(frame.GetType(), back.GetType());
        Assert.Equal(bytes, back.Bytes);
    }

    /// <summary>Both are on the wire: nodes of two builds that have others would not understand each other.</summary>
    [Fact]
    public void The_identifier_and_the_kinds_stay()
    {
        var serializer = new FrameSerializer((ExtendedActorSystem)Sys);
        Assert.Equal(3174, serializer.Identifier);
        Assert.Equal(("report", "command"), (serializer.Manifest(new ReportFrame([])), serializer.Manifest(new CommandFrame([]))));
    }

    [Theory]
    [InlineData("report-2", "report-2")]
    [InlineData("", "kind ")]
    [InlineData("a\r\nb\u001b[31m", "ab[31m")]
    public void A_frame_of_another_kind_is_refused_in_one_line(string manifest, string said)
    {
        var e = Assert.Throws<SerializationException>(() => Sys.Serialization.Deserialize([1], 3174, manifest));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    /// <summary>1: Newtonsoft's JSON; 2: protobuf of any type; 3: actors of any type. These are Akka's own numbers for them.</summary>
    [Theory]
    [InlineData(1, "JSON")]
    [InlineData(2, "protobuf")]
    [InlineData(3, "deployment")]
    public void Bytes_that_name_the_type_to_make_of_them_make_nothing(int identifier, string said)
    {
        byte[] bytes = """{"$type":"System.IO.FileInfo, System.Private.CoreLib","fileName":"/tmp/x"}"""u8.ToArray();
        var e = Assert.Throws<SerializationException>(() => Sys.Serialization.Deserialize(bytes, identifier, typeof(FileInfo)));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        e = Assert.Throws<SerializationException>(() => Sys.Serialization.Deserialize(bytes, identifier, "System.IO.FileInfo, System.Private.CoreLib"));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(Version))]
    [InlineData(typeof(CoordinatorActor.NodeLost))]
    [InlineData(typeof(Google.Protobuf.WellKnownTypes.Empty))]
    public void A_message_without_a_serializer_is_not_sent(Type type)
    {
        object message = type == typeof(CoordinatorActor.NodeLost) ? new CoordinatorActor.NodeLost(Address.AllSystems, "") : Activator.CreateInstance(type)!;
        var e = Assert.Throws<SerializationException>(() => Sys.Serialization.Serialize(message));
        Assert.Contains(type.FullName!, e.Message, StringComparison.Ordinal);
    }
}
