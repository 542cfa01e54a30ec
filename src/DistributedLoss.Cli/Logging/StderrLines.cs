namespace DistributedLoss.Cli.Logging;

/// <summary>Whole lines to stderr, from any thread; while a bar is drawn there, the bar's owner puts them above it.</summary>
internal sealed class StderrLines(TextWriter error)
{
    private readonly Lock _gate = new();
    private Action<string>? _above;

    public void Write(string line)
    {
        lock (_gate)
        {
            if (_above is { } write)
            {
                write(line);
            }
            else
            {
                try
                {
                    error.WriteLine(line);
                    error.Flush();
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // Stderr is closed or full: that must not cost the run its result.
                }
            }
        }
    }

    /// <param name="write">Takes the lines from here on; null gives them back to the stream.</param>
    public void Redirect(Action<string>? write)
    {
        lock (_gate)
        {
            _above = write;
        }
    }
}
