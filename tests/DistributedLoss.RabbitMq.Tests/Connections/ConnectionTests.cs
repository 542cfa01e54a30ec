using System.Net;
using System.Net.Sockets;
using DistributedLoss.RabbitMq.Connections;

namespace DistributedLoss.RabbitMq.Tests.Connections;

public class ConnectionTests(Broker broker) : IClassFixture<Broker>
{
    [BrokerFact]
    public async Task The_roles_of_the_local_cluster_connect()
    {
        foreach (string role in (string[])["coordinator", "worker"])
        {
            await using var connection = await BrokerConnection.OpenAsync(broker.Settings(role), "test", CancellationToken.None);
            Assert.Matches(@"^\d+\.\d+", connection.BrokerVersion);
            Assert.False(connection.Lost.IsCompleted);
        }
    }

    [BrokerFact]
    public async Task A_wrong_password_is_told_as_such_without_the_password()
    {
        var fault = await FaultAsync(Read(broker.Uri, (BrokerSettings.UserVariable, "coordinator"), (BrokerSettings.PasswordVariable, "no-such-secret")));
        Assert.True(fault.IsLasting);
        Assert.Equal(
            $"{broker.Uri}: the broker refuses user coordinator or the password; check DLOSS_BROKER_USER, DLOSS_BROKER_PASSWORD or DLOSS_BROKER_PASSWORD_FILE", fault.Message);
        Assert.DoesNotContain("no-such-secret", fault.ToString());
    }

    [BrokerFact]
    public async Task A_missing_virtual_host_is_named()
    {
        var fault = await FaultAsync(BrokerSettings.Read($"{broker.Uri}/evaluations", null, null, null, name => broker.Variable("worker", name), connectTimeout: Broker.ConnectTimeout));
        Assert.True(fault.IsLasting);
        Assert.Contains("evaluations", fault.Message);
        Assert.Contains("virtual host", fault.Message);
    }

    [BrokerFact]
    public async Task A_port_without_TLS_is_told_from_a_bad_certificate()
    {
        var fault = await FaultAsync(BrokerSettings.Read(broker.Uri.Replace("amqp:", "amqps:"), null, null, null, name => broker.Variable("worker", name), connectTimeout: Broker.ConnectTimeout));
        Assert.Contains("TLS", fault.Message);
        Assert.DoesNotContain("certificate (", fault.Message);
    }

    [Fact]
    public async Task No_broker_there_is_told_as_such()
    {
        int port;
        using (var taken = new TcpListener(IPAddress.Loopback, 0))
        {
            taken.Start();
            port = ((IPEndPoint)taken.LocalEndpoint).Port;
        }

        var fault = await FaultAsync(Read($"amqp://127.0.0.1:{port}"));
        Assert.False(fault.IsLasting);
        Assert.Equal($"amqp://127.0.0.1:{port}: no broker there (connection refused); start it, or check host and port", fault.Message);
    }

    [Fact]
    public async Task An_unknown_host_is_named()
    {
        var fault = await FaultAsync(Read("amqp://no-such-host.invalid"));
        Assert.Contains("no-such-host.invalid", fault.Message);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public async Task Who_takes_connections_and_says_nothing_is_no_broker()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var settings = BrokerSettings.Read(
            $"amqp://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}", null, null, null, _ => null, connectTimeout: TimeSpan.FromMilliseconds(300));
        var fault = await FaultAsync(settings);
        Assert.False(fault.IsLasting);
        Assert.Contains("0.3 s", fault.Message);
    }

    private static BrokerSettings Read(string uri, params (string Name, string Value)[] variables) =>
        BrokerSettings.Read(uri, null, null, null, name => variables.FirstOrDefault(v => v.Name == name).Value, connectTimeout: Broker.ConnectTimeout);

    private static async Task<BrokerException> FaultAsync(BrokerSettings settings)
    {
        var fault = await Assert.ThrowsAsync<BrokerException>(() => BrokerConnection.OpenAsync(settings, "test", CancellationToken.None));
        Assert.DoesNotContain('\n', fault.Message);
        return fault;
    }
}
