namespace DistributedLoss.Cli.Tests.Commands;

/// <summary>What keeps both ends of a cluster from starting. Real brokers: tests/DistributedLoss.RabbitMq.Tests.</summary>
public sealed class BrokerTests : IDisposable
{
    // Nobody listens at port 1.
    private const string Nobody = "amqp://127.0.0.1:1";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("no broker is named; give --broker", "evaluate x.parquet --engine rabbitmq")]
    [InlineData("no broker is named; give --broker", "worker --engine rabbitmq")]
    [InlineData("no engine is named; give --engine rabbitmq", "worker")]
    [InlineData("--engine local: not one of rabbitmq", "worker --engine local")]
    [InlineData("--broker: not the URI of a broker", "worker --engine rabbitmq --broker localhost")]
    [InlineData("--broker-ca nowhere.pem: no such file", "worker --engine rabbitmq --broker amqps://localhost --broker-ca nowhere.pem")]
    [InlineData("--losses with --engine rabbitmq", "evaluate x.parquet --engine rabbitmq --broker amqp://localhost --losses y.parquet")]
    [InlineData("--workers with --engine rabbitmq", "evaluate x.parquet --engine rabbitmq --broker amqp://localhost --workers 2")]
    [InlineData("--slots 0: not a whole number from 1 to 4096", "worker --engine rabbitmq --slots 0")]
    [InlineData("--liveness 1: not a whole number from 2", "worker --engine rabbitmq --liveness 1")]
    public async Task A_mistake_of_the_caller_is_one_line_and_exit_code_2(string expected, string commandLine) =>
        Assert.Contains(expected, (await CliRunner.RunAsync(commandLine.Split(' '))).ErrorLine(ExitCode.Usage), StringComparison.Ordinal);

    [Fact]
    public async Task No_broker_is_one_line_and_exit_code_4_for_both_ends()
    {
        string dump = Dumps.Synthetic(_folder);
        const string expected = $"{Nobody}: no broker there (connection refused); start it, or check host and port";
        var evaluation = await CliRunner.RunAsync("evaluate", dump, "--engine", "rabbitmq", "--broker", Nobody);
        Assert.Equal(expected, evaluation.ErrorLine(ExitCode.RunFailed));

        // A worker waits for ever, unless it is told otherwise.
        var worker = await CliRunner.RunAsync("worker", "--engine", "rabbitmq", "--broker", Nobody, "--broker-wait", "0", "--log-level", "error");
        Assert.Equal(expected, worker.ErrorLine(ExitCode.RunFailed));
    }

    [Fact]
    public async Task Everything_can_be_set_by_environment_variables()
    {
        string dump = Dumps.Synthetic(_folder);
        foreach (string variable in (string[])["DLOSS_BROKER", "DLOSS_broker__uri"])
        {
            var variables = new Dictionary<string, string> { ["DLOSS_engine__name"] = "rabbitmq", [variable] = "amqp://me:secret@127.0.0.1:1", ["DLOSS_broker__waitSeconds"] = "0" };
            Assert.StartsWith($"{Nobody}: ", (await CliRunner.RunAsync(["evaluate", dump], variables)).ErrorLine(ExitCode.RunFailed), StringComparison.Ordinal);
            variables["DLOSS_LOG_LEVEL"] = "error";
            Assert.StartsWith($"{Nobody}: ", (await CliRunner.RunAsync(["worker"], variables)).ErrorLine(ExitCode.RunFailed), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_worker_that_is_asked_to_stop_while_it_waits_for_its_broker_leaves_with_exit_code_0()
    {
        var outcome = await CliRunner.RunAsync(["worker", "--engine", "rabbitmq", "--broker", Nobody], [], new CancellationToken(canceled: true));
        Assert.Equal(ExitCode.Done, outcome.ExitCode);
        Assert.Contains("asked to stop", outcome.Error, StringComparison.Ordinal);
    }
}
