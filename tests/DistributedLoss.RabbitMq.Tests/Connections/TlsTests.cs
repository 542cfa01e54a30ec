using DistributedLoss.Evaluation;
using DistributedLoss.RabbitMq.Connections;

namespace DistributedLoss.RabbitMq.Tests.Connections;

public class TlsTests(TlsBroker broker) : IClassFixture<TlsBroker>
{
    [BrokerFact]
    public async Task The_authority_that_is_named_is_believed()
    {
        await using var connection = await BrokerConnection.OpenAsync(broker.Settings("worker"), "test", CancellationToken.None);
        Assert.True(connection.Settings.IsTls);
    }

    [BrokerFact]
    public async Task A_certificate_of_ours_is_shown_and_must_have_its_key()
    {
        await using var connection = await BrokerConnection.OpenAsync(
            Read(broker.Certificate("ca.crt"), broker.Certificate("client.crt"), broker.Certificate("client.key")), "test", CancellationToken.None);
        Assert.False(connection.Lost.IsCompleted);

        var mistake = await Assert.ThrowsAsync<BadOptionException>(() => BrokerConnection.OpenAsync(
            Read(broker.Certificate("ca.crt"), broker.Certificate("client.crt"), broker.Certificate("server.key")), "test", CancellationToken.None));
        Assert.Contains("--broker-cert", mistake.Message);
    }

    [BrokerFact]
    public async Task A_certificate_of_ours_that_the_broker_does_not_know_is_refused()
    {
        var fault = await FaultAsync(Read(broker.Certificate("ca.crt"), broker.Certificate("stranger.crt"), broker.Certificate("stranger.key")));
        Assert.Contains("TLS", fault.Message);
    }

    [BrokerFact]
    public async Task A_broker_whose_authority_is_unknown_is_refused()
    {
        // Neither the system's authorities nor another one signed it.
        foreach (string? authority in (string?[])[null, broker.Certificate("stranger.crt")])
        {
            var fault = await FaultAsync(Read(authority, null, null));
            Assert.True(fault.IsLasting);
            Assert.Contains("the broker's certificate (CN=dloss-server) is not trusted", fault.Message);
            Assert.Contains("--broker-ca", fault.Message);
        }
    }

    [BrokerFact]
    public async Task A_broker_of_another_name_is_refused()
    {
        // The certificate is for localhost and 127.0.0.1; both lead there.
        var settings = BrokerSettings.Read(broker.Uri.Replace("127.0.0.1", "127.0.0.2"), broker.Certificate("ca.crt"), null, null, name => broker.Variable("worker", name), connectTimeout: Broker.ConnectTimeout);
        var fault = await Assert.ThrowsAsync<BrokerException>(() => BrokerConnection.OpenAsync(settings, "test", CancellationToken.None));
        Assert.Contains("127.0.0.2", fault.Message);
    }

    [BrokerFact]
    public async Task Plain_AMQP_on_the_port_of_TLS_is_told_as_such()
    {
        var settings = BrokerSettings.Read(
            broker.Uri.Replace("amqps:", "amqp:"), null, null, null, name => broker.Variable("worker", name), connectTimeout: Broker.ConnectTimeout);
        var fault = await FaultAsync(settings);
        Assert.Contains("without TLS", fault.Message);
    }

    private BrokerSettings Read(string? authority, string? certificate, string? key) => BrokerSettings.Read(
        broker.Uri, authority, certificate, key, name => name == BrokerSettings.AuthorityVariable ? null : broker.Variable("worker", name), connectTimeout: Broker.ConnectTimeout);

    private static async Task<BrokerException> FaultAsync(BrokerSettings settings)
    {
        var fault = await Assert.ThrowsAsync<BrokerException>(() => BrokerConnection.OpenAsync(settings, "test", CancellationToken.None));
        Assert.DoesNotContain('\n', fault.Message);
        return fault;
    }
}
