using System.CommandLine;
using Mnist.Training.Data;

namespace Mnist.Cli;

/// <summary>MNIST, for the commands that need it.</summary>
internal static class MnistData
{
    public static Option<string> FolderOption() => new("--data")
    {
        Description = "The folder of the MNIST files; they are downloaded if they are not there. Default: MNIST_DATA, else a folder of the user.",
        HelpName = "DIR",
        DefaultValueFactory = _ => MnistDownload.DefaultFolder,
    };

    /// <summary>Makes sure that the files are in the folder; shows how far a download is where <paramref name="error"/> is a terminal.</summary>
    /// <exception cref="CommandException">They could not be downloaded.</exception>
    public static async Task EnsureAsync(string folder, IReadOnlyList<MnistFile> files, TextWriter error, CancellationToken cancellationToken)
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
