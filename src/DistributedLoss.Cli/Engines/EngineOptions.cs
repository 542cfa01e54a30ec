using System.CommandLine;
using DistributedLoss.Cli.CommandLine;

namespace DistributedLoss.Cli.Engines;

/// <summary>The options that name an engine and say where its broker is; of both ends of a cluster.</summary>
internal sealed class EngineOptions
{
    private const long SecondsLimit = 604_800;

    private readonly Option<string> _engine;

    private readonly Option<string> _broker = CliOptions.Text(
        "--broker", "URI", "The broker: amqp[s]://HOST[:PORT][/VHOST] [default: DLOSS_BROKER]; user and password in DLOSS_BROKER_USER and DLOSS_BROKER_PASSWORD (or ..._PASSWORD_FILE)");

    private readonly Option<string> _authority = CliOptions.Text("--broker-ca", "FILE.pem", "The authorities that may have signed the broker's certificate [default: the system's]");

    private readonly Option<string> _certificate = CliOptions.Text("--broker-cert", "FILE.pem", "A certificate of ours to show to the broker");

    private readonly Option<string> _key = CliOptions.Text("--broker-key", "FILE.pem", "Its key, where --broker-cert does not hold it");

    private readonly IntegerOption _wait;

    private readonly IntegerOption _liveness = CliOptions.OptionalInteger(
        "--liveness", "Seconds of silence after which broker, coordinator and workers take each other for gone [default: 10]", 2, SecondsLimit, "SECONDS");

#if FULL_REGISTRY
    private readonly AkkaOptions _akka = new();

#endif
    /// <param name="engines">Those that the command takes.</param>
    /// <param name="engineDefault">For its help.</param>
    /// <param name="waitDefault">For its help.</param>
    public EngineOptions(string[] engines, string engineDefault, string waitDefault)
    {
        _engine = new Option<string>("--engine")
        {
            Description = $"What runs the workers: {string.Join(", ", engines)} [default: {engineDefault}]",
            HelpName = string.Join('|', engines),
        };
        _engine.CompletionSources.Add(engines);
        _engine.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } engine && EngineNames.Refusal(engine, engines) is { } refusal)
            {
                result.AddError($"--engine {engine}: {refusal}");
            }
        });
        _wait = CliOptions.OptionalInteger("--broker-wait", $"Seconds for which a broker that is away is tried [default: {waitDefault}]", 0, SecondsLimit, "SECONDS");
    }

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_engine, _broker, _authority, _certificate, _key, _wait, _liveness])
        {
            command.Add(option);
        }
#if FULL_REGISTRY

        _akka.AddTo(command);
#endif
    }

    public EngineSettings Read(ParseResult parse) => new()
    {
        Engine = parse.GetValue(_engine),
        Broker = parse.GetValue(_broker),
        BrokerAuthority = parse.GetValue(_authority),
        BrokerCertificate = parse.GetValue(_certificate),
        BrokerKey = parse.GetValue(_key),
        BrokerWait = Seconds(_wait.OptionalValue(parse)),
        Liveness = Seconds(_liveness.OptionalValue(parse)),
#if FULL_REGISTRY
        Akka = _akka.Read(parse),
#endif
    };

    private static TimeSpan? Seconds(long? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : null;
}
