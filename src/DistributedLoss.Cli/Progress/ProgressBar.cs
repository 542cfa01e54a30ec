using DistributedLoss.Cli.Logging;
using DistributedLoss.Coordination;
using DistributedLoss.Results;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DistributedLoss.Cli.Progress;

/// <summary>
/// A bar on stderr with rows, rate and time left. It appears only when a run has taken long enough for somebody to wonder,
/// and it is wiped away at the end: what remains on the screen is the result.
/// </summary>
/// <param name="name">Of the run among several; empty where there is one.</param>
internal sealed class ProgressBar(CliConsole console, StderrLines lines, string name = "") : IProgress<RunProgress>, IAsyncDisposable
{
    private static readonly TimeSpan Appears = TimeSpan.FromSeconds(0.5);

    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile RunProgress? _latest;
    private Task? _drawing;

    public void Report(RunProgress value)
    {
        _latest = value;
        if (value.Elapsed >= Appears)
        {
            _drawing ??= Task.Run(DrawAsync);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _over.TrySetResult();
        if (_drawing is not null)
        {
            await _drawing;
        }
    }

    private async Task DrawAsync()
    {
        var ansi = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new StderrOutput(console),
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            ColorSystem = console.ErrorHasColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
        });
        var progress = ansi.Progress().AutoClear(true).HideCompleted(false).Columns(Columns());
        progress.RefreshRate = TimeSpan.FromMilliseconds(200);
        lines.Redirect(line => ansi.WriteLine(line));
        try
        {
            await progress.StartAsync(async context =>
            {
                var task = context.AddTask("evaluate", maxValue: 1);
                while (await Task.WhenAny(_over.Task, Task.Delay(progress.RefreshRate)) != _over.Task)
                {
                    var at = _latest!;
                    task.Value = at.Rows > 0 ? (double)at.RowsDone / at.Rows : 0;
                }
            });
        }
        finally
        {
            lines.Redirect(null);
        }
    }

    /// <summary>As many figures as there is room for.</summary>
    private ProgressColumn[] Columns()
    {
        List<ProgressColumn> columns = [new ProgressBarColumn { Width = Math.Clamp(console.Width - 52 - name.Length, 5, 40) }];
        if (name.Length > 0)
        {
            columns.Insert(0, new Figure(() => name));
        }

        columns.Add(new Figure(() => _latest is { Rows: > 0 } p ? $"{100.0 * p.RowsDone / p.Rows:0} %" : ""));
        if (console.Width >= 40)
        {
            columns.Add(new Figure(() => _latest is { Remaining: { } left } ? $"{Quantity.Duration(left)} left" : ""));
        }

        if (console.Width >= 60)
        {
            columns.Add(new Figure(() => _latest is { } p ? $"{Quantity.Short(p.RowsDone)}/{Quantity.Short(p.Rows)} rows" : ""));
            columns.Add(new Figure(() => _latest is { RowsPerSecond: > 0 } p ? $"{Quantity.Short(p.RowsPerSecond)}/s" : ""));
        }

        if (console.Width >= 90)
        {
            columns.Add(new Figure(() => _latest?.MeanLoss is { } mean ? $"mean {mean:G6}" : ""));
        }

        return [.. columns];
    }

    private sealed class Figure(Func<string> text) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(text());
    }

    private sealed class StderrOutput(CliConsole console) : IAnsiConsoleOutput
    {
        public TextWriter Writer => console.Error;

        public bool IsTerminal => console.ErrorIsTerminal;

        public int Width => Math.Max(console.Width, 20);

        public int Height => 24;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
