using System.Diagnostics;
using System.Text;

namespace DistributedLoss.Faults.Processes;

/// <summary>A real <c>dloss</c>, started; it dies with this object.</summary>
internal sealed class DlossProcess : IAsyncDisposable
{
    private static readonly string Host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>Settings of the machine that must not reach the processes.</summary>
    private static readonly string[] Inherited =
        [.. Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(k => k.StartsWith("DLOSS_", StringComparison.Ordinal))];

    private readonly Process _process;
    private readonly string _command;
    private readonly Task<string> _output;
    private readonly Task _error;

    private DlossProcess(Process process, string command, Action<string>? onLine)
    {
        (_process, _command) = (process, command);
        process.StandardInput.Close();
        _output = process.StandardOutput.ReadToEndAsync();
        _error = ReadErrorAsync(onLine);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it wrote to stderr so far.</summary>
    public LineLog Log { get; } = new();

    /// <summary>The dloss that is built beside the tests.</summary>
    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "dloss.dll");

    /// <param name="through">A program and its arguments that become the process in the end, as <c>ip netns exec</c> does; empty for none.</param>
    /// <param name="assembly">Another dloss.dll than that beside the tests.</param>
    /// <param name="onLine">Is told each line on stderr.</param>
    public static DlossProcess Start(
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        IEnumerable<string>? through = null,
        string? assembly = null,
        Action<string>? onLine = null)
    {
        // A shell that started the tests in the background has SIGINT ignored, and children inherit that.
        string[] command = [.. through ?? [], "env", "--default-signal=INT,TERM", Host, assembly ?? Assembly, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(false, true),
            StandardErrorEncoding = new UTF8Encoding(false),
        };
        foreach (string name in Inherited)
        {
            start.Environment.Remove(name);
        }

        // A process that is killed would leave its debugger's pipes in the temporary folder.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new DlossProcess(Process.Start(start)!, string.Join(' ', arguments), onLine);
    }

    public void Send(Signal signal) => Signals.Send(Id, signal);

    /// <exception cref="TimeoutException">It is still running; it is killed.</exception>
    public async Task<Outcome> EndAsync(TimeSpan deadline)
    {
        using var timeout = new CancellationTokenSource(deadline);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
            await Task.WhenAll(_output, _error).WaitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Send(Signal.Kill);
            throw new TimeoutException($"dloss {_command} was still running after {deadline}; stderr so far:\n{Log.Text}");
        }

        return new Outcome(_command, _process.ExitCode, await _output, Log.Lines);
    }

    /// <exception cref="TimeoutException">There was no such line.</exception>
    public async Task<string> UntilAsync(Predicate<string> line, TimeSpan deadline)
    {
        try
        {
            return await Log.FirstAsync(line).WaitAsync(deadline);
        }
        catch (Exception e) when (e is TimeoutException or EndOfStreamException)
        {
            throw new TimeoutException($"dloss {_command}: no such line on stderr within {deadline}:\n{Log.Text}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Send(Signal.Kill);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ReadErrorAsync(Action<string>? onLine)
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            Log.Add(line);
            onLine?.Invoke(line);
        }

        Log.Close();
    }
}
