using DistributedLoss.Akka.Nodes;
using DistributedLoss.Evaluation;

namespace DistributedLoss.Akka.Tests.Nodes;

public sealed class NodeSettingsTests
{
    [Fact]
    public void The_environment_says_where_a_node_is_and_whom_it_joins()
    {
        var settings = NodeSettings.FromEnvironment(name => name switch
        {
            "DLOSS_AKKA_HOST" => "worker-3.example",
            "DLOSS_AKKA_PORT" => "4053",
            "DLOSS_AKKA_SEED_NODES" => " seed-1:4053, seed-2:4054 ,",
            "DLOSS_AKKA_CERTIFICATE" => "/etc/dloss/node.p12",
            "DLOSS_AKKA_CERTIFICATE_PASSWORD_FILE" => "/run/secrets/node",
            "DLOSS_AKKA_CONFIG" => "/etc/dloss/akka.conf",
            _ => null,
        });
        Assert.Equal(("worker-3.example", 4053, "/etc/dloss/akka.conf"), (settings.Host, settings.Port, settings.Configuration));
        Assert.Equal(("/etc/dloss/node.p12", "/run/secrets/node"), (settings.Certificate, settings.CertificatePasswordFile));
        Assert.Equal(["seed-1:4053", "seed-2:4054"], settings.SeedNodes);
    }

    [Fact]
    public void Without_one_it_is_a_cluster_of_its_own_on_loopback()
    {
        var settings = NodeSettings.FromEnvironment(_ => "");
        Assert.Equal(("127.0.0.1", 0, null), (settings.Host, settings.Port, settings.Certificate));
        Assert.Empty(settings.SeedNodes);
    }

    [Theory]
    [InlineData("here", "here", 7)]
    [InlineData("here:4053", "here", 4053)]
    [InlineData("10.0.0.1:0", "10.0.0.1", 0)]
    public void A_node_may_be_named_outright(string node, string host, int port)
    {
        var settings = new NodeSettings { Port = 7 }.At(node);
        Assert.Equal((host, port), (settings.Host, settings.Port));
    }

    [Theory]
    [InlineData(":4053")]
    [InlineData("here:")]
    [InlineData("here:x")]
    [InlineData("http://here:80")]
    public void A_node_that_is_none_is_named(string node) =>
        Assert.Contains($"node {node}", Assert.Throws<BadOptionException>(() => new NodeSettings().At(node)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(null, "akka.tcp://dloss@seed:4053")]
    [InlineData("node.p12", "akka.ssl.tcp://dloss@seed:4053")]
    public void Seed_nodes_are_addressed_as_they_listen(string? certificate, string expected) =>
        Assert.Equal(expected, $"{new NodeSettings { Certificate = certificate, SeedNodes = ["seed:4053"] }.SeedAddresses().Single()}");

    [Theory]
    [InlineData("seed")]
    [InlineData(":4053")]
    [InlineData("seed:0")]
    [InlineData("seed:65536")]
    [InlineData("seed:-1")]
    [InlineData("seed: 4053")]
    [InlineData("akka.tcp://dloss@seed:4053")]
    public void A_seed_node_that_is_none_is_named(string seed)
    {
        var e = Assert.Throws<BadOptionException>(() => new NodeSettings { SeedNodes = [seed] }.SeedAddresses());
        Assert.Contains($"seed node {seed}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_is_none_is_named()
    {
        var e = Assert.Throws<BadOptionException>(() => NodeSettings.FromEnvironment(name => name == "DLOSS_AKKA_PORT" ? "70000" : null));
        Assert.Contains("DLOSS_AKKA_PORT=70000", e.Message, StringComparison.Ordinal);
    }
}
