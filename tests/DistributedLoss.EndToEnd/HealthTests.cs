using System.Text.Json;

namespace DistributedLoss.EndToEnd;

/// <summary><c>dloss health</c>, as a container's health check runs it.</summary>
public class HealthTests
{
    private static readonly Dictionary<string, string> NoVariables = [];

    [Fact]
    public async Task A_running_evaluation_is_asked_where_the_option_or_the_configuration_says_that_it_listens()
    {
        using var folder = new TempFolder();
        string dump = folder.PathOf("dump.parquet");
        Assert.Equal(0, Dloss.Run("generate", dump, "--rows", "2000", "--classes", "1000").ExitCode);
        // A result that nobody reads, and that no pipe holds: the run is over, and the process there to be asked.
        var read = new TaskCompletionSource();
        using var run = Dloss.Start(NoVariables, read.Task, "evaluate", dump, "--format", "json", "--log-format", "json", "--http", "0");
        int port = 0;
        await run.Until(line => (port = port == 0 && line.StartsWith('{') ? PortOf(line) : port) != 0);

        var option = Ask(NoVariables, "--http", $"{port}");
        Assert.True(option.ExitCode == 0, option.ToString());
        Assert.Equal("coordinator", option.Json.GetProperty("role").GetString());
        var variable = Ask(new Dictionary<string, string> { ["DLOSS_http__listen"] = $"0.0.0.0:{port}" });
        Assert.True(variable.ExitCode == 0, variable.ToString());
        Assert.True(variable.Json.GetProperty("healthy").GetBoolean());

        read.SetResult();
        Assert.Equal(0, run.Wait().ExitCode);
        var gone = Ask(NoVariables, "--http", $"{port}");
        Assert.Equal(4, gone.ExitCode);
        Assert.Empty(gone.Output);
        Assert.StartsWith($"dloss: error: http://127.0.0.1:{port}/healthz: ", Assert.Single(gone.ErrorLines));
    }

    [Fact]
    public void Without_an_address_there_is_nobody_to_ask()
    {
        var outcome = Dloss.Run("health");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Empty(outcome.Output);
        Assert.Contains("--http", Assert.Single(outcome.ErrorLines));
    }

    /// <summary>As often as an answer is late, which on a busy machine it may be.</summary>
    private static Outcome Ask(IReadOnlyDictionary<string, string> variables, params string[] options)
    {
        for (int attempt = 1; ; attempt++)
        {
            var outcome = Dloss.Run(variables, ["health", .. options]);
            if (attempt == 50 || !outcome.Error.Contains("no answer within", StringComparison.Ordinal))
            {
                return outcome;
            }
        }
    }

    private static int PortOf(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("event").GetString() == "HttpListening" ? new Uri(json.RootElement.GetProperty("address").GetString()!).Port : 0;
    }
}
