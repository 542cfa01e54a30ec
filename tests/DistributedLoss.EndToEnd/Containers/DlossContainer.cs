namespace DistributedLoss.EndToEnd.Containers;

/// <summary>A container of our image, as a compose file or a Kubernetes manifest describes it.</summary>
/// <param name="Name">For messages: the file and the container.</param>
/// <param name="Arguments">Of <c>dloss</c>.</param>
/// <param name="Variables">Names of the environment variables that it is given.</param>
internal sealed record DlossContainer(string Name, string[] Arguments, string[] Variables)
{
    private const string Compose = "docker-compose.yml";

    private const string Kubernetes = "config/k8s";

    public static IEnumerable<DlossContainer> All => OfCompose().Concat(OfKubernetes());

    private static IEnumerable<DlossContainer> OfCompose() =>
        from service in Yaml.Documents(Compose).Single()["services"].Entries
        where service.Value["build"].IsThere && !service.Value["entrypoint"].IsThere
        select new DlossContainer(
            $"{Compose}, {service.Key}",
            [.. service.Value["command"].Words.Where(w => !w.StartsWith("${", StringComparison.Ordinal))],
            [.. service.Value["environment"].Entries.Select(e => e.Key)]);

    private static IEnumerable<DlossContainer> OfKubernetes()
    {
        var settings = Yaml.Documents($"{Kubernetes}/kustomization.yaml").Single()["configMapGenerator"].Items.Single();
        foreach (string file in Yaml.Documents($"{Kubernetes}/kustomization.yaml").Single()["resources"].Words)
        {
            foreach (var container in Yaml.Documents($"{Kubernetes}/{file}").SelectMany(d => d["spec"]["template"]["spec"]["containers"].Items))
            {
                yield return new DlossContainer(
                    $"{Kubernetes}/{file}",
                    container["args"].Words,
                    [.. container["env"].Items.Select(v => v["name"].Text!), .. settings["literals"].Words.Select(w => w.Split('=')[0])]);
            }
        }
    }
}
