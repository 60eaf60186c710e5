using System.CommandLine;
using Mnist.Benchmarks;
using Mnist.Benchmarks.Engine;
using Mnist.Benchmarks.Http;
using Mnist.Benchmarks.Kernels;
using Mnist.Benchmarks.Training;
using Mnist.Inference.Model;

var root = new RootCommand("Measures the speed of the engine, the trainer and the service, and of their peers. Run it in the root of the repository.")
{
    EngineCommand.Create(),
    LayersCommand.Create(),
    ThreadsCommand.Create(),
    KernelsCommand.Create(),
    TrainingCommand.Create(),
    HttpCommand.Create(),
    ConstantServer.Create(),
};

try
{
    return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception exception) when (exception is WeightsException or IOException or InvalidDataException or UnauthorizedAccessException)
{
    string hint = File.Exists(RepositoryFiles.Weights) ? string.Empty : " (run it in the root of the repository)";
    Console.Error.WriteLine(exception.Message + hint);
    return 1;
}
