using System.Net;
using System.Net.Sockets;

namespace DistributedLoss.Faults.Processes;

/// <summary>A throw-away RabbitMQ on loopback, by scripts/local-cluster.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    // The broker's own log is a file: there is no other way to hear of a line in it.
    private static readonly TimeSpan LogInterval = TimeSpan.FromMilliseconds(50);

    private static readonly string Script = Repository.File("scripts/local-cluster");

    private readonly NetworkLink? _link;

    private Broker(string folder, NetworkLink? link) => (Folder, _link) = (folder, link);

    /// <summary>Why nothing that needs a broker runs here; null where it does.</summary>
    public static string? Missing { get; } = File.Exists(Server) ? null : $"rabbitmq-server is not installed ({Server}): apt-get install rabbitmq-server";

    public string Folder { get; }

    /// <param name="link">Whose namespace is to reach it too.</param>
    public static async Task<Broker> StartAsync(NetworkLink? link = null, params string[] options)
    {
        string folder = Directory.CreateTempSubdirectory("dloss-broker-").FullName;
        var broker = new Broker(folder, link);
        try
        {
            if (link is not null)
            {
                int port = FreePort(link);
                Directory.CreateDirectory(Path.Combine(folder, "conf.d"));
                await File.WriteAllTextAsync(Path.Combine(folder, "conf.d", "link.conf"), $"listeners.tcp.link = {link.Outside}:{port}\n");
                options = [.. options, "--port", $"{port}"];
            }

            await Tool.RunAsync(Script, ["start", "--dir", folder, .. options]);
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>As a power cut would.</summary>
    public Task KillAsync() => Tool.RunAsync(Script, "kill", Folder);

    public Task StopAsync() => Tool.RunAsync(Script, "stop", Folder, "--keep");

    /// <summary>At its old port, with what its queues held.</summary>
    public Task StartAgainAsync() => Tool.RunAsync(Script, "start", "--dir", Folder);

    /// <summary>The environment of a process.</summary>
    /// <param name="role">coordinator or worker.</param>
    /// <param name="isLinked">Whether it is at the other end of the link.</param>
    public Dictionary<string, string> Environment(string role, bool isLinked = false)
    {
        var variables = File.ReadAllLines(Path.Combine(Folder, $"{role}.env")).Select(l => l.Split('=', 2)).ToDictionary(l => l[0], l => l[1]);
        if (isLinked)
        {
            variables["DLOSS_BROKER"] = variables["DLOSS_BROKER"].Replace("127.0.0.1", _link!.Outside.ToString(), StringComparison.Ordinal);
        }

        return variables;
    }

    /// <summary>Where the broker's log ends now; <see cref="LoggedAsync"/> looks behind it.</summary>
    public long LogEnd() => new FileInfo(LogFile()).Length;

    /// <summary>Completes with the first line that fits and is behind a place in the broker's log.</summary>
    public async Task<string> LoggedAsync(long from, Predicate<string> fits, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(LogInterval);
        while (true)
        {
            await using (var file = new FileStream(LogFile(), FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
            {
                file.Seek(from, SeekOrigin.Begin);
                using var reader = new StreamReader(file);
                if ((await reader.ReadToEndAsync(cancel)).Split('\n').FirstOrDefault(l => fits(l)) is { } line)
                {
                    return line;
                }
            }

            await timer.WaitForNextTickAsync(cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(Folder, "settings")))
        {
            await Tool.RunAsync(Script, "stop", Folder);
        }
        else
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private static int FreePort(NetworkLink link)
    {
        while (true)
        {
            // Below the range that outgoing connections are given.
            int port = Random.Shared.Next(20_000, 32_000);
            using var inside = new TcpListener(IPAddress.Loopback, port);
            using var outside = new TcpListener(link.Outside, port);
            try
            {
                inside.Start();
                outside.Start();
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                continue;
            }
        }
    }

    private string LogFile() => Directory.GetFiles(Path.Combine(Folder, "log"), "dloss-*@localhost.log").Single();
}
