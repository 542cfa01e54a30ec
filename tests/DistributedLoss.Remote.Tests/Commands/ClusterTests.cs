using DistributedLoss.Parquet.Writing;
using DistributedLoss.RabbitMq.Connections;
using DistributedLoss.RabbitMq.Tests;
using DistributedLoss.Remote.Tests.Servers;

namespace DistributedLoss.Remote.Tests.Commands;

/// <summary>Workers in processes of their own open the same URL.</summary>
public sealed class ClusterTests(Broker broker) : IClassFixture<Broker>, IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [BrokerFact]
    public async Task A_worker_reads_the_URL_with_credentials_of_its_own()
    {
        string file = SyntheticDump.Write(_folder.PathOf("dump.parquet"), new SyntheticOptions { Rows = 6000, Classes = 100, RowGroupRows = 1000 })[0];
        byte[] content = await File.ReadAllBytesAsync(file);
        await using var server = new ScriptedServer(q => q["authorization"] is "Bearer coordinator" or "Bearer worker" ? Answer.To(q, content) : Answer.Of(401));
        string url = server.Url("dump.parquet");
        using var worker = Dloss.Start(Environment("worker", server), "worker", "--engine", "rabbitmq", "--broker", broker.Uri);
        var outcome = await Task.Run(() => Dloss.Evaluate(Environment("coordinator", server), url, "--engine", "rabbitmq", "--broker", broker.Uri));
        Assert.Equal(Dloss.Evaluate(file).Digest, outcome.Digest);
        Assert.Contains(server.Asked, q => q["authorization"] == "Bearer worker");
        Assert.Contains(server.Asked, q => q["authorization"] == "Bearer coordinator");
    }

    [BrokerFact]
    public async Task A_signed_URL_is_not_sent_to_workers()
    {
        string file = SyntheticDump.Write(_folder.PathOf("dump.parquet"), new SyntheticOptions { Rows = 100, Classes = 10 })[0];
        byte[] content = await File.ReadAllBytesAsync(file);
        await using var server = new ScriptedServer(q => Answer.To(q, content));
        var outcome = await Task.Run(() => Dloss.Run(Environment("coordinator", server), "evaluate", server.Url("dump.parquet?sig=5ecret"), "--engine", "rabbitmq", "--broker", broker.Uri));
        Assert.True(
            outcome is { ExitCode: 3, ErrorLines: [var line] } && line.Contains($"{server.Url("dump.parquet?...")}: a URL with a query is a secret, which is not sent to workers", StringComparison.Ordinal),
            $"{outcome}");
    }

    private Dictionary<string, string> Environment(string role, ScriptedServer server)
    {
        var environment = new Dictionary<string, string>
        {
            ["no_proxy"] = "*",
            [RemoteSettings.AuthorizationVariable] = $"127.0.0.1:{server.Port} Bearer {role}",
        };
        foreach (string name in (string[])["DLOSS_BROKER_USER", "DLOSS_BROKER_PASSWORD", BrokerSettings.UriVariable])
        {
            if (broker.Variable(role, name) is { } value)
            {
                environment[name] = value;
            }
        }

        return environment;
    }
}
