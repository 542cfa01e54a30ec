using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace DistributedLoss.Cli.Logging;

/// <summary>Short lines for people: local time, level, message.</summary>
internal sealed class TextLineFormatter : ITextFormatter
{
    private static readonly string[] Levels = ["verbose", "debug", "info", "warning", "error", "fatal"];

    public void Format(LogEvent logEvent, TextWriter output)
    {
        output.Write(logEvent.Timestamp.ToString("HH:mm:ss", CultureInfo.InvariantCulture));
        output.Write($" {Levels[(int)logEvent.Level],-7} ");
        output.WriteLine(Message(logEvent));
        if (logEvent.Exception is { } exception)
        {
            output.WriteLine(exception);
        }
    }

    /// <summary>The message on one line, strings without the quotes that Serilog puts around them.</summary>
    public static string Message(LogEvent logEvent)
    {
        using var message = new StringWriter(CultureInfo.InvariantCulture);
        foreach (var token in logEvent.MessageTemplate.Tokens)
        {
            if (token is PropertyToken { PropertyName: var name } && logEvent.Properties.GetValueOrDefault(name) is ScalarValue { Value: var value })
            {
                if (value is string text)
                {
                    message.Write(text);
                    continue;
                }

                if (value is null)
                {
                    message.Write('?');
                    continue;
                }
            }

            token.Render(logEvent.Properties, message, CultureInfo.InvariantCulture);
        }

        return OneLine.Of(message.ToString());
    }
}
