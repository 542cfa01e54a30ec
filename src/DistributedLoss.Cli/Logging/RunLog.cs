using DistributedLoss.Calibration;
using DistributedLoss.Cli.Configuration;
using DistributedLoss.Cli.Output;
using DistributedLoss.Coordination;
using DistributedLoss.Results;
using Serilog;
using Serilog.Core;
using Serilog.Debugging;
using Serilog.Events;
using Serilog.Formatting;

namespace DistributedLoss.Cli.Logging;

/// <summary>The log of one run, on stderr or in a file and in whatever sinks the configuration adds.</summary>
internal sealed class RunLog : IDisposable
{
    // Null where every event is wanted: by a file, or by a sink of the configuration.
    private readonly StderrFilter? _only;
    private readonly Func<Logger> _open;
    private readonly StderrLines _lines;
    private readonly LogComplaints _complaints;
    private readonly LogSettings _settings;
    private readonly bool _progress;
    private StallWatch _stalls = new();
    private readonly Lock _gate = new();
    private Logger? _logger;
    private LogEvent? _end;

    private RunLog(Func<Logger> open, StderrFilter? only, StderrLines lines, LogComplaints complaints, LogSettings settings, bool progress)
    {
        (_open, _only) = (open, only);
        _lines = lines;
        _complaints = complaints;
        _settings = settings;
        _progress = progress;
    }

    /// <param name="bar">A bar shows the progress: no progress lines in a text log on stderr.</param>
    /// <param name="progress">False: no progress events at all.</param>
    /// <exception cref="CliException">The log file cannot be written, or the configuration is wrong.</exception>
    public static RunLog Open(LogSettings settings, DlossConfiguration configuration, StderrLines lines, bool bar, bool progress)
    {
        var complaints = new LogComplaints(lines);
        var threshold = settings.Threshold(configuration);
        bool progressLines = progress && !bar && !settings.JsonOnStderr;
        StderrFilter? filter = settings.File is null || progressLines
            ? new StderrFilter(settings.File is null ? threshold : LevelAlias.Off, progressLines, bar && !settings.JsonOnStderr)
            : null;
        var serilog = configuration.Serilog;
        bool isStderrAlone = settings.File is null && serilog.Count == 0;
        var log = new RunLog(
            () => Create(settings, serilog, lines, complaints, threshold, filter), isStderrAlone ? filter : null, lines, complaints, settings, progress);
        if (!isStderrAlone)
        {
            // What is wrong with a file or a configured sink is told before the run.
            log._logger = log._open();
        }

        return log;
    }

    private static Logger Create(
        LogSettings settings, IReadOnlyDictionary<string, string?> serilog, StderrLines lines, LogComplaints complaints, LogEventLevel threshold, StderrFilter? filter)
    {
        // What a sink cannot write or a configuration cannot find Serilog tells here alone.
        SelfLog.Enable(complaints.Hear);
        ITextFormatter formatter = settings.Format == LogFormat.Json ? new JsonLineFormatter() : new TextLineFormatter();
        var logger = new LoggerConfiguration().MinimumLevel.Is(LevelAlias.Minimum);
        if (settings.File is { } file)
        {
            CheckWritable(file);
            // Without a limit: a log that stops in mid-run says nothing about how the run ended.
            logger.WriteTo.File(formatter, file, threshold, fileSizeLimitBytes: null);
        }

        if (filter is not null)
        {
            logger.WriteTo.Sink(new StderrSink(lines, settings.File is null ? formatter : new TextLineFormatter(), filter));
        }

        if (serilog.Count > 0)
        {
            ConfiguredSinks.Add(logger, serilog);
        }

        return logger.CreateLogger();
    }

    /// <summary>Told every event, those that are not logged included.</summary>
    public Action<RunEvent>? Observer { get; set; }

    /// <summary>Told the command's own lines, which are no events of the run.</summary>
    public Action<LogEvent>? OwnLines { get; set; }

    public void Write(RunEvent e) => Write(e, exception: null);

    /// <summary>The error line, in the log's format; the event too, unless the engine has told it already.</summary>
    public void Fail(string message, int shards, Exception? exception = null)
    {
        if (_end is null)
        {
            Write(new RunEvent.RunFailed(message, 0, shards), exception);
        }

        WriteEnd(ErrorLine.Text(message), _end!);
    }

    /// <summary>How far the run came; the event too, unless the engine has told it already.</summary>
    public void Cancel(RunProgress progress)
    {
        if (_end is null)
        {
            Write(new RunEvent.RunCancelled(progress));
        }

        if (progress.Shards == 0)
        {
            WriteEnd("dloss: cancelled while the run was planned: nothing was evaluated", _end!);
            return;
        }

        string mean = progress.MeanLoss is { } value ? $"mean loss of the finished shards {Quantity.Exact(value)}" : "no shard was finished";
        WriteEnd(
            $"dloss: cancelled: {Quantity.Count(progress.ShardsDone)} of {Quantity.Count(progress.Shards)} shards, "
            + $"{Quantity.Count(progress.RowsDone)} of {Quantity.Count(progress.Rows)} rows done in {Quantity.Seconds(progress.Elapsed.TotalSeconds)}; {mean}",
            _end!);
    }

    /// <summary>Where --http listens, and the run's page, whose address stands on stderr alone.</summary>
    /// <param name="page">Null for a worker's, which has none.</param>
    /// <param name="secret">Its token, if that was made here and nobody knows it yet.</param>
    public void Listening(Uri address, Uri? page, string? secret)
    {
        var whole = page is null || secret is null ? page : new Uri(page, $"?token={secret}");
        Emit(RunEventLog.Listening(address, _settings.JsonOnStderr ? whole : page, DateTimeOffset.Now));
        if (whole is not null && !_settings.JsonOnStderr)
        {
            _lines.Write($"live page: {whole}");
        }
    }

    /// <summary>A page that stays until Ctrl-C, told to whoever waits for the end.</summary>
    public void Stays(Uri page)
    {
        if (!_settings.JsonOnStderr)
        {
            _lines.Write($"dloss: the page stays at {page} until Ctrl-C");
        }
    }

    /// <summary>One more run of a calibration begins, whose standstill is its own.</summary>
    public void CalibrationPass(CalibrationPass pass)
    {
        _stalls = new StallWatch();
        Emit(RunEventLog.CalibrationPass(pass, DateTimeOffset.Now));
    }

    /// <summary>Why a run that is done has no mean.</summary>
    public void Remark(string remark)
    {
        var logEvent = RunEventLog.Remark(remark, DateTimeOffset.Now);
        OwnLines?.Invoke(logEvent);
        Emit(logEvent);
    }

    /// <summary>A run that is done, but not as --fail-above and --fail-below want it.</summary>
    public void Miss(ThresholdMiss miss)
    {
        var logEvent = RunEventLog.Miss(miss, DateTimeOffset.Now);
        OwnLines?.Invoke(logEvent);
        Emit(logEvent);
        WriteEnd($"dloss: threshold missed: {miss}", logEvent);
    }

    /// <summary>Writes out what is left. What cannot be written is told, and does not fail a run whose result is out.</summary>
    public void Dispose()
    {
        try
        {
            _logger?.Dispose();
        }
        catch (IOException e)
        {
            _complaints.Hear(e.Message);
        }
    }

    private void Write(RunEvent e, Exception? exception)
    {
        Observer?.Invoke(e);
        if (e is RunEvent.Progress { Snapshot: var at } && _stalls.Observe(at) is { } stalled)
        {
            Write(stalled, exception: null);
        }

        bool isEnd = e is RunEvent.RunFailed or RunEvent.RunCancelled;
        if ((e is RunEvent.Progress && !_progress) || (!isEnd && _only?.Wants(e) == false))
        {
            return;
        }

        var logEvent = RunEventLog.ToLogEvent(e, DateTimeOffset.Now, exception);
        if (isEnd)
        {
            _end = logEvent;
        }

        Emit(logEvent);
    }

    private void Emit(LogEvent logEvent)
    {
        lock (_gate)
        {
            // Most short runs have nothing to tell, and then there is no need of a logger.
            _logger ??= _open();
            _logger.Write(logEvent);
        }
    }

    private void WriteEnd(string text, LogEvent logEvent)
    {
        if (_settings.Format == LogFormat.Json)
        {
            using var line = new StringWriter { NewLine = "" };
            new JsonLineFormatter().Format(logEvent, line);
            text = line.ToString();
        }

        _lines.Write(text);
    }

    private static void CheckWritable(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw CliException.Usage($"--log-file {file}: {CliException.Reason(e)}; name a file in a folder that exists and can be written");
        }
    }
}
