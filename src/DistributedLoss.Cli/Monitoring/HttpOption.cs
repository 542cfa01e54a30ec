using System.CommandLine;
using DistributedLoss.Cli.CommandLine;
using DistributedLoss.Http.Server;

namespace DistributedLoss.Cli.Monitoring;

/// <summary><c>--http [ADDRESS:]PORT</c>. Its text stays a text, so that a command without it does not load what reads it.</summary>
internal static class HttpOption
{
    public const string Name = "--http";

    public const string ServePage = "Serve a live page of the run, /healthz and Prometheus /metrics on this port of the loopback interface; ADDRESS:PORT listens elsewhere, and its page asks for a token (docs/operations.md)";

    public const string StayName = "--http-stay";

    public const string Stay = "Keep the page of --http, with the report of the run that is done, until Ctrl-C";

    public const string Serve = "Serve /healthz and Prometheus /metrics on this port of the loopback interface; ADDRESS:PORT listens elsewhere";

    public const string Form = "a port of this machine alone, such as 9090, or ADDRESS:PORT, such as 0.0.0.0:9090 or [::]:9090";

    public static Option<string> Create(string description)
    {
        var option = CliOptions.Text(Name, "PORT", description);
        option.Validators.Add(result =>
        {
            if (!result.Implicit && result.Tokens is [{ Value: { Length: > 0 } text }])
            {
                Check(text, result.AddError);
            }
        });
        return option;
    }

    private static void Check(string text, Action<string> refuse)
    {
        if (!HttpAddress.TryParse(text, out _))
        {
            refuse($"{Name} {text}: not {Form}");
        }
    }
}
