using System.Diagnostics;
using DistributedLoss.RabbitMq.Connections;

namespace DistributedLoss.RabbitMq.Tests;

/// <summary>A broker of its own for a class of tests, started by scripts/local-cluster.</summary>
public class Broker : IAsyncLifetime
{
    private const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    private static readonly TimeSpan ScriptTimeout = TimeSpan.FromMinutes(8);

    /// <summary>For a broker that is there, on a machine that is busy.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, Dictionary<string, string>> _roles = [];

    /// <summary>Why tests that need a broker do not run here; null where they do.</summary>
    public static string? Missing { get; } = File.Exists(Server) ? null : $"rabbitmq-server is not installed ({Server}): apt-get install rabbitmq-server";

    public string Folder { get; private set; } = "";

    public string Uri => _roles["coordinator"][BrokerSettings.UriVariable];

    protected virtual string[] StartOptions => [];

    public async Task InitializeAsync()
    {
        if (Missing is not null)
        {
            return;
        }

        Folder = (await RunAsync(["start", .. StartOptions])).Trim();
        foreach (string role in (string[])["coordinator", "worker"])
        {
            _roles[role] = File.ReadAllLines(Path.Combine(Folder, $"{role}.env")).Select(l => l.Split('=', 2)).ToDictionary(l => l[0], l => l[1]);
        }
    }

    public async Task DisposeAsync()
    {
        if (Folder.Length > 0)
        {
            await RunAsync(["stop", Folder]);
        }
    }

    /// <summary>As a power cut would.</summary>
    public Task KillAsync() => RunAsync(["kill", Folder]);

    /// <summary>In good order.</summary>
    public Task StopAsync() => RunAsync(["stop", Folder, "--keep"]);

    /// <summary>At its old port, with what its queues held.</summary>
    public async Task StartAgainAsync() => await RunAsync(["start", "--dir", Folder]);

    /// <param name="role">coordinator or worker.</param>
    public string? Variable(string role, string name) => _roles[role].GetValueOrDefault(name);

    public BrokerSettings Settings(string role) => BrokerSettings.Read(null, null, null, null, name => Variable(role, name), connectTimeout: ConnectTimeout);

    private static async Task<string> RunAsync(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(Repository.File("scripts/local-cluster"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(ScriptTimeout);
        // The broker inherits neither stream, so that both end with the script.
        var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
        var error = process.StandardError.ReadToEndAsync(timeout.Token);
        await process.WaitForExitAsync(timeout.Token);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"local-cluster {string.Join(' ', arguments)}: {await error}");
    }
}

/// <summary>With TLS alone.</summary>
public sealed class TlsBroker : Broker
{
    protected override string[] StartOptions => ["--tls"];

    public string Certificate(string name) => Path.Combine(Folder, "tls", name);
}

/// <summary>A test that needs a real broker.</summary>
public sealed class BrokerFactAttribute : FactAttribute
{
    public BrokerFactAttribute()
    {
        Skip = Broker.Missing;
        // Hangs show as failures.
        Timeout = 540_000;
    }
}
