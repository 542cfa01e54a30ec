using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace DistributedLoss.EndToEnd;

/// <summary>Runs the real <c>dloss</c> as a process and waits for its end, under a deadline.</summary>
internal static class Dloss
{
    /// <summary>For hangs: a machine that does forty things at once is no failure.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private static readonly string Host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "dloss.dll");

    /// <summary>Settings of the machine that must not reach the tests.</summary>
    private static readonly string[] Inherited =
        [.. Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(k => k.StartsWith("DLOSS_", StringComparison.Ordinal))];

    private static readonly ConcurrentDictionary<string, Lazy<Outcome>> Evaluated = new();

    public static Outcome Run(params string[] arguments) => Run(new Dictionary<string, string>(), arguments);

    public static Outcome Run(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        return process.Wait();
    }

    /// <summary><c>dloss evaluate ... --format json</c>, which must succeed. Each command line runs once; tests that ask again share its outcome.</summary>
    public static Outcome Evaluate(params string[] arguments) =>
        Evaluated.GetOrAdd(string.Join('\0', arguments), _ => new Lazy<Outcome>(() => Evaluate(new Dictionary<string, string>(), arguments))).Value;

    public static Outcome Evaluate(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var outcome = Run(environment, ["evaluate", .. arguments, "--format", "json"]);
        Assert.True(outcome.ExitCode == 0, $"exit code {outcome.ExitCode} of {outcome}");
        return outcome;
    }

    public static Running Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) => Start(environment, Task.CompletedTask, arguments);

    /// <param name="readOutput">Nothing of stdout is read before: a process with more to say than a pipe holds waits there with its result.</param>
    public static Running Start(IReadOnlyDictionary<string, string> environment, Task readOutput, params string[] arguments)
    {
        // A shell that started the tests in the background has SIGINT ignored, and children inherit that.
        var start = new ProcessStartInfo(OperatingSystem.IsLinux() ? "env" : Host)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(false, true),
            StandardErrorEncoding = new UTF8Encoding(false, true),
        };
        if (OperatingSystem.IsLinux())
        {
            start.ArgumentList.Add("--default-signal=INT,TERM");
            start.ArgumentList.Add(Host);
        }

        start.ArgumentList.Add(Assembly);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string name in Inherited)
        {
            start.Environment.Remove(name);
        }

        // Hundreds of runs of milliseconds: less compiling, and bits that do not depend on the compiler's tier.
        start.Environment["DOTNET_TC_QuickJitForLoops"] = "1";
        start.Environment["DOTNET_TieredPGO"] = "0";
        // What is written to stderr depends on no clock.
        start.Environment["DLOSS_engine__progressSeconds"] = "86400";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new Running(Process.Start(start)!, string.Join(' ', arguments), readOutput);
    }

    /// <summary>A started <c>dloss</c>; it dies with this object.</summary>
    internal sealed class Running : IDisposable
    {
        private readonly Process _process;
        private readonly string _command;
        private readonly Task<string> _output;
        private readonly Task<string> _error;
        private readonly StringBuilder _errorText = new();
        private readonly TaskCompletionSource _awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Func<string, bool>? _awaitedLine;

        public Running(Process process, string command, Task readOutput)
        {
            _process = process;
            _command = command;
            process.StandardInput.Close();
            _output = ReadOutput(readOutput);
            _error = ReadError();
        }

        public int Id => _process.Id;

        /// <summary>Returns at the first line on stderr that fits, from the process's start on.</summary>
        public async Task Until(Func<string, bool> line)
        {
            lock (_errorText)
            {
                _awaitedLine = line;
                if (_errorText.ToString().Split('\n').Any(line))
                {
                    return;
                }
            }

            Assert.True(
                await Task.WhenAny(_awaited.Task, _error, Task.Delay(Deadline)) == _awaited.Task,
                $"dloss {_command}: no such line on stderr within {Deadline}:\n{_errorText}");
        }

        public Outcome Wait()
        {
            if (!_process.WaitForExit(Deadline))
            {
                Kill();
                Assert.Fail($"dloss {_command} was still running after {Deadline}; stderr so far:\n{_errorText}");
            }

            Assert.True(Task.WaitAll([_output, _error], Deadline), $"dloss {_command} ended, but its output stays open.");
            return new Outcome(_command, _process.ExitCode, _output.Result, _error.Result);
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                Kill();
                // What it was writing is written, and may be removed.
                _process.WaitForExit(Deadline);
            }

            _process.Dispose();
        }

        private async Task<string> ReadOutput(Task ready)
        {
            await ready;
            return await _process.StandardOutput.ReadToEndAsync();
        }

        private async Task<string> ReadError()
        {
            while (await _process.StandardError.ReadLineAsync() is { } line)
            {
                lock (_errorText)
                {
                    _errorText.Append(line).Append('\n');
                    if (_awaitedLine?.Invoke(line) == true)
                    {
                        _awaited.TrySetResult();
                    }
                }
            }

            return _errorText.ToString();
        }

        private void Kill() => _process.Kill(entireProcessTree: true);
    }
}
