using System.CommandLine;
using Mnist.Training.Data;

namespace Mnist.Cli.Shared;

/// <summary><c>--data</c> of all commands that use MNIST, and the download of missing files.</summary>
internal static class DataOption
{
    public static Option<string> Create() => new("--data")
    {
        Description = "The folder of the MNIST files. Missing files are downloaded. Default: MNIST_DATA, else a folder of the user.",
        HelpName = "DIR",
        DefaultValueFactory = _ => MnistDownload.DefaultFolder,
    };

    /// <summary>Downloads the files that the folder lacks, with a progress bar if <paramref name="error"/> is a terminal.</summary>
    /// <exception cref="CommandException">A file could not be downloaded.</exception>
    public static async Task DownloadAsync(string folder, IReadOnlyList<MnistFile> files, TextWriter error, CancellationToken cancellationToken)
    {
        try
        {
            await Terminal.WithProgressAsync(error, "downloading MNIST", async report =>
            {
                await new MnistDownload(folder).EnsureAsync(files, progress => report(Fraction(files, progress)), cancellationToken);
                return folder;
            });
        }
        catch (IOException exception)
        {
            throw new CommandException(ExitCode.Unreachable, exception.Message);
        }
    }

    private static double Fraction(IReadOnlyList<MnistFile> files, DownloadProgress progress)
    {
        int filesBefore = files.TakeWhile(file => file.Name != progress.File).Count();
        return (filesBefore + (double)progress.Bytes / (progress.TotalBytes ?? long.MaxValue)) / files.Count;
    }
}
