using System.Text.RegularExpressions;
using TradeActors.Node.Configuration;
using Xunit;

namespace TradeActors.Node.Tests.Deployment;

/// <summary>What can be held of the image without a container engine.</summary>
public sealed class DockerfileTests
{
    private static readonly string Text = Repository.Read("deploy/docker/Dockerfile");

    /// <summary>What is copied from the repository, each with where to.</summary>
    private static readonly (string Source, string Target)[] Copied =
    [
        .. Regex.Matches(Text, @"(?m)^COPY (?!--from)(.+) (\S+)$")
            .SelectMany(copy => copy.Groups[1].Value.Split(' ').Select(source => (source, copy.Groups[2].Value))),
    ];

    [Fact]
    public void What_is_copied_exists_and_is_not_ignored()
    {
        var allowed = File.ReadAllLines(Repository.At(".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]).ToArray();
        Assert.NotEmpty(Copied);
        Assert.All(Copied, copy =>
        {
            Assert.True(Path.Exists(Repository.At(copy.Source)), $"There is no {copy.Source}.");
            Assert.True(allowed.Any(path => copy.Source == path || copy.Source.StartsWith($"{path}/", StringComparison.Ordinal)), $".dockerignore leaves out {copy.Source}.");
        });
    }

    [Fact]
    public void Restore_has_every_project_with_its_lock_file()
    {
        var projects = Directory.GetDirectories(Repository.At("src")).Select(folder => Path.GetFileName(folder)!)
            .Where(name => File.Exists(Repository.At($"src/{name}/{name}.csproj")));
        var needed = projects.SelectMany(name => new[] { ($"src/{name}/{name}.csproj", $"src/{name}/"), ($"src/{name}/packages.lock.json", $"src/{name}/") });

        Assert.Empty(needed.Except(Copied)); // A new project needs its line there.
        Assert.Contains("--locked-mode", Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Node_does_not_run_as_root_and_is_asked_by_the_command_that_it_knows()
    {
        Assert.Matches(@"(?m)^USER \$APP_UID$", Text);
        Assert.Matches(@"HEALTHCHECK .* CMD \[""dotnet"", ""TradeActors.Node.dll"", ""health"", ""http://127.0.0.1:8080""\]", Text);
        Assert.Contains("TradeActors.Node.dll health <address", Help.Text, StringComparison.Ordinal);
    }
}
