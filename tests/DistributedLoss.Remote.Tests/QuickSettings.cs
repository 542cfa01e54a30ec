using System.Runtime.CompilerServices;

namespace DistributedLoss.Remote.Tests;

internal static class QuickSettings
{
    /// <summary>Of the whole process of the tests: what a server does on purpose need not be waited for long.</summary>
    public const double TimeoutSeconds = 0.5;

    [ModuleInitializer]
    internal static void Set()
    {
        Environment.SetEnvironmentVariable(RemoteSettings.TimeoutVariable, "0.5");
        Environment.SetEnvironmentVariable(RemoteSettings.AuthorizationVariable, null);
        Environment.SetEnvironmentVariable("no_proxy", "*");
    }
}
