export { LinkPage } from './LinkPage';
export { SetupPage } from './SetupPage';
export { SignInForm } from './SignInForm';
export { SignInPage } from './SignInPage';
